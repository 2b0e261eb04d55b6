"""What runs at CloudFront's edge, in front of a site: which page is shown, by the rules of
`local/site.py`, and from where the Api is asked. Who asks the Api directly could say any address;
so the edge says a key with it, the id of a policy of the site, which no answer holds.
"""

from __future__ import annotations

from ...resources.site import API_PREFIX
from .names import logical
from .reference import ref

VIEWER = "x-skylift-viewer"  # http.VIEWER
KEYS = "SKYLIFT_SITES"  # lambda_http.KEYS


def key_of(site: str) -> str:
    """A UUID that AWS makes with the site, and that is its own as long as the site is there."""
    return ref(f"{logical(site)}Headers")


def pages_code(*, spa: bool) -> str:
    """What is no name of a file is left as it is, and is none in the bucket either."""
    page = ' || (isPage(path, last, accept) ? "/index.html" : "")' if spa else ""
    return f"""function handler(event) {{
  var request = event.request;
  var accept = request.headers.accept ? request.headers.accept.value : "";
  var path = decoded(request.uri);
  if (path === null || !isSound(path)) return request;
  var last = path.slice(path.lastIndexOf("/") + 1);
  var index = (path === "/" ? "/index.html" : ""){page};
  request.uri = index || (last ? request.uri : request.uri + "index.html");
  return request;
}}

function decoded(uri) {{
  try {{
    return decodeURIComponent(uri);
  }} catch (error) {{
    return null;
  }}
}}

function isSound(path) {{
  var parts = path.slice(1).split("/");
  return parts.every(function (part, at) {{
    if (part === "") return at === parts.length - 1;
    if (/[\\x00-\\x1f\\x7f\\\\]/.test(part)) return false;
    return part[0] !== "." || (at === 0 && part === ".well-known");
  }});
}}
{is_page_code() if spa else ""}"""


def is_page_code() -> str:
    return """
function isPage(path, last, accept) {
  return path[1] !== "." && last.indexOf(".") < 0 && accept.indexOf("text/html") >= 0;
}
"""


def paths_code(key: str) -> str:
    """The Api under its own paths. A header that the client sends is replaced, however often."""
    return f"""function handler(event) {{
  var request = event.request;
  request.uri = request.uri.slice({len(API_PREFIX)}) || "/";
  request.headers["{VIEWER}"] = {{ value: "{key} " + event.viewer.ip }};
  return request;
}}
"""
