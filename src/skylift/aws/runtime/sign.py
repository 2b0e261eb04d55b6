"""Signature Version 4: what makes AWS believe a request. Signed is what is sent: path and query as
they stand on the wire. It knows no socket and no clock, and equals botocore's signer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from ...digest import hmac_sha256, sha256
from .environment import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"  # in the place of a body's digest: S3 over TLS may go without
NOT_SIGNED = {  # a proxy on the way may change them
    *("authorization", "connection", "expect", "keep-alive", "proxy-authenticate"),
    *("proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"),
    "x-amzn-trace-id",
}
AS_IT_IS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Call(Struct, frozen=True):
    """An HTTP request: header names in lower case, `host` among them; path and query encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Signer:
    """Signs for one service of one region. The key made of the secret is kept for its day."""

    __slots__ = ("_day_key", "_region", "_service", "credentials", "is_s3")

    def __init__(self, credentials: Credentials, region: str, service: str) -> None:
        self.credentials = credentials
        self.is_s3 = service == "s3"
        self._region, self._service = region, service
        self._day_key = ("", b"")

    def signed(self, call: Call, at: datetime, *, payload: str = "") -> dict[str, str]:
        """The headers to send. `payload` stands for the digest of the body when it is given."""
        stamp = stamp_of(at)
        headers = {**call.headers, "x-amz-date": stamp}
        if self.credentials.token:
            headers["x-amz-security-token"] = self.credentials.token
        payload = payload or sha256(call.body).hexdigest()
        if self.is_s3 or payload == UNSIGNED:
            headers["x-amz-content-sha256"] = payload
        names = names_signed(headers)
        signature = self.signature(call, headers, stamp, payload)
        headers["authorization"] = (
            f"{ALGORITHM} Credential={self.credentials.key_id}/{self.scope(stamp)}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        return headers

    def signature(self, call: Call, headers: Mapping[str, str], stamp: str, payload: str) -> str:
        """In hexadecimal, over this call with these headers."""
        names = names_signed(headers)
        lines = [f"{name}:{' '.join(headers[name].split())}\n" for name in names]
        path = call.path if self.is_s3 else path_canonical(call.path)
        canonical = (
            f"{call.method}\n{path}\n{query_canonical(call.query)}\n"
            f"{''.join(lines)}\n{';'.join(names)}\n{payload}"
        )
        digest = sha256(canonical.encode()).hexdigest()
        said = f"{ALGORITHM}\n{stamp}\n{self.scope(stamp)}\n{digest}"
        return hmac_sha256(self._key(stamp[:8]), said.encode()).hex()

    def scope(self, stamp: str) -> str:
        return f"{stamp[:8]}/{self._region}/{self._service}/aws4_request"

    def _key(self, day: str) -> bytes:
        kept, key = self._day_key
        if kept != day:
            key = b"AWS4" + self.credentials.secret.encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = hmac_sha256(key, part.encode())
            self._day_key = (day, key)
        return key


def stamp_of(at: datetime) -> str:
    """20261120T140000Z, of a time in UTC."""
    return at.isoformat(timespec="seconds")[:19].replace("-", "").replace(":", "") + "Z"


def names_signed(headers: Mapping[str, str]) -> list[str]:
    return sorted(headers.keys() - NOT_SIGNED)


def path_canonical(path: str) -> str:
    """Without empty and dotted segments, then encoded once more: every service's way but S3's."""
    if path in ("", "/"):
        return "/"
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment and segment != ".":
            segments.append(segment)
    end = "/" if path.endswith("/") and segments else ""
    return encoded("/" + "/".join(segments) + end, besides=b"/")


def query_canonical(query: str) -> str:
    if not query:
        return ""
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&"))
    return "&".join([f"{name}={value}" for name, value in pairs])


def encoded(text: str, *, besides: bytes = b"") -> str:
    """Percent-encoded as AWS wants it: everything but letters, digits and -._~ (and `besides`)."""
    kept = AS_IT_IS | set(besides) if besides else AS_IT_IS
    return "".join([chr(byte) if byte in kept else f"%{byte:02X}" for byte in text.encode()])
