"""What the files of a site are told by: their type, how long a browser may keep them, and what a
page may do. The same here and in front of a bucket, so it is decided once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

KEEP = "public, max-age=31536000, immutable"
ASK = "no-cache"  # keep it, and ask each time whether it has changed
# A name that a build made of what is in the file. A date or a version is none, nor is a word:
# what was kept for a year by mistake nobody can call back.
HASHED = re.compile(r"[.-](?P<hash>[0-9a-f]{8,64}|[A-Za-z0-9_-]{8})\.[A-Za-z0-9]+(?:\.map)?")
TEXT = "; charset=utf-8"
UNKNOWN = "application/octet-stream"
TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "css": f"text/css{TEXT}",
    "csv": f"text/csv{TEXT}",
    "gif": "image/gif",
    "htm": f"text/html{TEXT}",
    "html": f"text/html{TEXT}",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": f"text/javascript{TEXT}",
    "json": "application/json",
    "map": "application/json",
    "md": f"text/markdown{TEXT}",
    "mjs": f"text/javascript{TEXT}",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "txt": f"text/plain{TEXT}",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xml": "application/xml",
    "zip": "application/zip",
}
# What gets smaller: text, and what is text by another name.
COMPRESSED = re.compile(
    r"text/.*|application/(json|xml|manifest\+json|wasm)|image/svg\+xml|font/ttf"
)
COMPRESSED_MIN, COMPRESSED_MAX = 1_000, 10_000_000  # bytes, as CloudFront has them

POLICY: Mapping[str, Sequence[str]] = {
    "default-src": ("'self'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
    "object-src": ("'none'",),
}
OF_DEFAULT = (
    *("child-src", "connect-src", "font-src", "frame-src", "img-src", "manifest-src"),
    *("media-src", "script-src", "style-src", "worker-src"),
)
DIRECTIVES = (*POLICY, *OF_DEFAULT)
NO_SNIFF = ("x-content-type-options", "nosniff")
REFERRER = "strict-origin-when-cross-origin"


def type_of(name: str) -> str:
    return TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN)


def kept(name: str) -> str:
    """The cache-control of a file, by its name alone."""
    return KEEP if is_hashed(name) else ASK


def is_hashed(name: str) -> bool:
    found = HASHED.search(name)
    if found is None or found.end() != len(name):
        return False
    letters = found["hash"]
    has_digit = any(map(str.isdigit, letters))
    if re.fullmatch("[0-9a-f]+", letters):
        return has_digit and not letters.isdigit()
    return has_digit and letters != letters.lower() and letters != letters.upper()


def is_compressed(type: str, size: int) -> bool:
    kind = type.partition(";")[0]
    return COMPRESSED_MIN <= size <= COMPRESSED_MAX and COMPRESSED.fullmatch(kind) is not None


def policy(allow: Mapping[str, Sequence[str]]) -> str:
    """The content security policy: what a page may load, and from where. `'none'` ends where more
    is said.
    """
    found = {name: [*sources] for name, sources in POLICY.items()}
    for name in sorted(allow):
        own = found.get(name, ["'self'"])
        found[name] = [one for one in own if one != "'none'"] + [*allow[name]]
    return "; ".join(f"{name} {' '.join(dict.fromkeys(said))}" for name, said in found.items())
