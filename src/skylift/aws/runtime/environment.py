"""What the environment says about AWS: credentials, region, endpoint. It comes in as a mapping;
nobody here reads the process's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from msgspec import Struct

from ...errors import DeclarationError, Mistake

Environment = Mapping[str, str]

DOMAIN = "amazonaws.com"
DOMAINS = {  # of the partitions that have their own
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
    "eu-isoe-": "cloud.adc-e.uk",
}
PORTS = {"http": 80, "https": 443}
PORT_MAX = 65_535


class Credentials(Struct, frozen=True):
    key_id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.key_id})"  # the rest is nobody's to read, logs included


class Endpoint(Struct, frozen=True):
    host: str
    port: int
    is_tls: bool
    path: str = "/"

    @property
    def authority(self) -> str:
        """The Host header: without a port that goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            host
            if self.port == PORTS["https" if self.is_tls else "http"]
            else (f"{host}:{self.port}")
        )


def credentials_of(environment: Environment) -> Credentials:
    """As Lambda and containers give them. They do not expire before the environment ends."""
    key_id = _said(environment, "AWS_ACCESS_KEY_ID")
    secret = _said(environment, "AWS_SECRET_ACCESS_KEY")
    token = environment.get("AWS_SESSION_TOKEN", "")
    if not is_header_text(key_id + token):
        _refuse("AWS_ACCESS_KEY_ID or AWS_SESSION_TOKEN", "holds a blank, a line break or the like")
    return Credentials(key_id, secret, token)


def region_of(environment: Environment) -> str:
    region = environment.get("AWS_REGION") or _said(environment, "AWS_DEFAULT_REGION")
    if not region.replace("-", "").isalnum() or not region.isascii():
        _refuse("AWS_REGION", f"is {region!r}", "write one as eu-west-1")  # it becomes a host name
    return region


CALLED = {  # what AWS's own settings say of it
    "cognito-idp": "cognito_identity_provider",
    "events": "eventbridge",
    "secretsmanager": "secrets_manager",
}


def endpoint_of(service: str, region: str, environment: Environment) -> Endpoint:
    """The service's own AWS_ENDPOINT_URL_…, else AWS_ENDPOINT_URL, else AWS itself."""
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        own = f"AWS_ENDPOINT_URL_{CALLED.get(service, service).upper()}"
        for name in (own, "AWS_ENDPOINT_URL"):
            if url := environment.get(name):
                return endpoint_at(url, name)
    domain = next((DOMAINS[start] for start in DOMAINS if region.startswith(start)), DOMAIN)
    return Endpoint(f"{service}.{region}.{domain}", PORTS["https"], True)


def endpoint_at(url: str, place: str) -> Endpoint:
    scheme, mark, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    host, port = _split(authority)
    number = int(port) if port.isascii() and port.isdigit() else 0 if port else PORTS.get(scheme, 0)
    is_sound = is_header_text(rest) and host and not set(rest) & set("@?#") and mark
    if not is_sound or scheme not in PORTS or not 0 < number <= PORT_MAX:
        shown = url.rpartition("@")[2]  # a password may stand before it
        _refuse(place, f"is {shown!r}", "write it as http://127.0.0.1:4566 or https://host")
    return Endpoint(host, number, scheme == "https", "/" + path)


def _split(authority: str) -> tuple[str, str]:
    """Host and port; an IPv6 address stands in brackets."""
    if authority.startswith("["):
        host, mark, rest = authority[1:].partition("]")
        return host if mark and rest[:1] in ("", ":") else "", rest[1:]
    host, _, port = authority.partition(":")
    return host.lower(), port


def is_header_text(text: str) -> bool:
    """Printable ASCII without blanks: it may stand in a header or a host name."""
    return text.isascii() and text.isprintable() and " " not in text


def _said(environment: Environment, name: str) -> str:
    value = environment.get(name)
    return value if value else _refuse(name, "is not set")


def _refuse(place: str, reason: str, remedy: str = "") -> NoReturn:
    raise DeclarationError(Mistake(f"environment: {place}", reason, remedy))
