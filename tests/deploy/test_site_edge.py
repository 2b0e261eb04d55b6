"""What the edge of CloudFront makes of a path, beside what the local server does: the same page,
and nothing where there is none. The functions run as they are deployed, in node.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from skylift import Api, Request
from skylift.aws.deploy.edge import KEYS, pages_code, paths_code
from skylift.aws.deploy.planning import planned
from skylift.aws.deploy.site import files_of, physical
from skylift.aws.runtime.lambda_http import HttpLambda
from skylift.http import VIEWER
from skylift.local.site import asked_for
from tests.deploy.apps import APPS, TARGET, plan_of, templates_of
from tests.unit.lambda_events import Context, Said, http_event, surroundings, unit
from tests.unit.written_app import loaded, written

needs_node = pytest.mark.skipif(which("node") is None, reason="NO NODE: nothing was proved")
HTML, ANY = "text/html,application/xhtml+xml", "*/*"
PATHS = [
    *("/", "/rooms", "/rooms/", "/rooms/7", "/a/b/c/", "/index.html", "/a.js", "/a/b.css"),
    *("/v1.2", "/rooms.", "/.well-known/x", "/.well-known/", "/.env", "/a/.git/config", "/a/.git/"),
    *("//", "//x", "/a//b", "/a/../b", "/a/./b", "/%2e%2e/x", "/a%2eb", "/%2eenv", "/h%C3%A4user"),
    *("/%ff", "/%", "/a%00b", "/a%5cb", "/a%2fb", "/a%2f", "/apix", "/...", "/a b", "/..;/x"),
    *("/user:7", "/what?", "/a*/b", "/a%0Ab", "/nul", "/rooms%20/x", "/a%7fb", "/c:/x.js"),
]
VIEWER_IP, GATEWAY_IP = "203.0.113.9", "205.255.255.176"
ASKING = """
const events = JSON.parse(require("fs").readFileSync(0, "utf-8"));
console.log(JSON.stringify(events.map((event) => handler(event))));
"""


def sent(code: str, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What becomes of each request of one viewer."""
    given = [{"request": request, "viewer": {"ip": VIEWER_IP}} for request in requests]
    done = subprocess.run(
        ["node", "-e", code + ASKING], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def asked(code: str, events: list[tuple[str, str]]) -> list[str]:
    """What becomes of each path, asked for with what is accepted."""
    requests = [
        {"uri": uri, "headers": {"accept": {"value": accept}} if accept else {}}
        for uri, accept in events
    ]
    return [one["uri"] for one in sent(code, requests)]


@needs_node
@pytest.mark.parametrize("spa", [True, False])
def test_the_edge_asks_for_the_file_that_the_local_server_sends(spa: bool) -> None:
    events = [(path, accept) for path in PATHS for accept in (HTML, ANY, "")]
    for (path, accept), uri in zip(events, asked(pages_code(spa=spa), events), strict=True):
        headers = {"accept": accept} if accept else {}
        name = asked_for(Request("GET", path, "", headers, b""), spa=spa)
        if name is None:
            assert uri in (path, f"{path}index.html"), (path, uri)  # no such file is in a bucket
            assert uri != "/index.html"
        elif name == "index.html":
            assert uri == "/index.html", (path, accept)
        else:
            assert uri in (path, f"{path}index.html")


@needs_node
def test_the_api_is_asked_under_its_own_paths() -> None:
    paths = ["/api", "/api/", "/api/x", "/api/api/x", "/api//x", "/api/a%2fb"]
    found = asked(paths_code("key"), [(path, "") for path in paths])
    assert found == ["/", "/", "/x", "/api/x", "//x", "/a%2fb"]


api = Api("api")


@api.get("/seen")
async def seen(request: Request) -> dict[str, Any]:
    return {"ip": request.ip, "headers": [*request.headers]}


def seen_with(said: str, keys: str) -> dict[str, Any]:
    """What a handler sees of a request that CloudFront, or anybody, sends to the gateway."""
    event = http_event("GET", "/seen")
    event["headers"] |= {VIEWER: said}
    world = surroundings(Said(), **{KEYS: keys})
    answer = HttpLambda(unit(seen, "asked.seen"), world).handle(event, Context())
    return json.loads(answer["body"])


@needs_node
@pytest.mark.parametrize("claim", [None, {"value": "5f-key 192.0.2.1", "multiValue": []}])
def test_behind_a_site_the_address_is_the_viewer_s(claim: Any) -> None:
    headers = {VIEWER: claim} if claim else {}
    (request,) = sent(paths_code("5f-key"), [{"uri": "/api/seen", "headers": headers}])
    assert request["headers"] == {VIEWER: {"value": f"5f-key {VIEWER_IP}"}}
    found = seen_with(request["headers"][VIEWER]["value"], "other 5f-key")
    assert found["ip"] == VIEWER_IP
    assert VIEWER not in found["headers"]


@pytest.mark.parametrize("keys", ["", "5f-key", "5f-key other"])
@pytest.mark.parametrize(
    "said", ["192.0.2.1", "5f-ke 192.0.2.1", " 192.0.2.1", "5F-KEY 192.0.2.1", "", "5f-key", "é x"]
)
def test_who_has_not_the_key_says_no_address(keys: str, said: str) -> None:
    found = seen_with(said, keys)
    assert found["ip"] == GATEWAY_IP
    assert VIEWER not in found["headers"]


def test_the_edge_and_the_functions_are_told_one_key() -> None:
    made = json.loads(templates_of(plan_of("lounge")).root)["Resources"]
    said = made["LoungeSitFunction"]["Properties"]["Environment"]["Variables"][KEYS]
    assert said == {"Ref": "WebHeaders"}
    assert made["WebHeaders"]["Type"] == "AWS::CloudFront::ResponseHeadersPolicy"
    assert '"${WebHeaders} " +' in made["WebPaths"]["Properties"]["FunctionCode"]["Fn::Sub"]


def distribution(stage: str = "dev") -> dict[str, Any]:
    made = json.loads(templates_of(plan_of("lounge", stage)).root)["Resources"]
    return made["WebDistribution"]["Properties"]["DistributionConfig"]


def test_an_error_of_the_api_is_replaced_by_no_page() -> None:
    assert "CustomErrorResponses" not in distribution()
    for one in distribution()["CacheBehaviors"]:
        assert one["TargetOriginId"] == "api"
        assert "ResponseHeadersPolicyId" not in one


def test_the_headers_are_those_of_the_local_server_and_that_tls_is_spoken() -> None:
    made = json.loads(templates_of(plan_of("lounge")).root)["Resources"]
    config = made["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    said = config["SecurityHeadersConfig"]
    assert said["ContentSecurityPolicy"]["ContentSecurityPolicy"] == plan_of("lounge").sites[0].csp
    assert said["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 31_536_000
    assert set(said) == {
        *("ContentSecurityPolicy", "ContentTypeOptions", "ReferrerPolicy"),
        "StrictTransportSecurity",
    }


LIVE = """
from skylift import *

class Said(Struct):
    text: str

members = Users("members")
api = Api("api", auth=members)
web = Site("web", "web", api=api, allow={"connect-src": ["https://maps.example"]})

async def anybody(caller: Caller, id: str) -> bool:
    return True

live = Channel("live", "rooms/{id}", Said, guard=anybody)
"""


def test_a_page_may_speak_with_the_channels_of_its_app(tmp_path: Path) -> None:
    home = written(tmp_path, LIVE)
    (home / "web").mkdir()
    (home / "web" / "index.html").write_text("<p>Here", "utf-8")
    with loaded(home) as graph:
        plan = planned(graph, "dev", TARGET)
    assert plan.sites[0].csp.endswith(
        "; connect-src 'self' https://maps.example "
        "https://${EventsApi.Dns.Http} wss://${EventsApi.Dns.Realtime}"
    )
    made = json.loads(templates_of(plan).root)["Resources"]
    config = made["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = config["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    assert policy["ContentSecurityPolicy"] == {"Fn::Sub": plan.sites[0].csp}


def test_a_bucket_s_name_is_one_that_s3_takes() -> None:
    assert physical("lounge", "dev", "web") == "lounge-dev-web"
    for name in ("Web", "my_web", "w" * 48):
        found = physical("lounge", "dev", name)
        assert len(found) <= 34
        assert found == found.lower()
        assert "_" not in found
    assert physical("a", "dev", "Web") != physical("a", "dev", "web")


def test_a_file_is_known_by_what_is_in_it_and_what_is_said_of_it() -> None:
    found = files_of(APPS["lounge"] / "web")
    assert set(found) == {
        *("index.html", "assets/chair.svg", "assets/look-4f9a01c2.css", "assets/lounge.js")
    }
