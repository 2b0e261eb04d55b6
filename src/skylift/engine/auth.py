"""Who calls: what a route demands is seen to before its handler is invoked, with the words of AWS's
gateway. An issuer here also tells what others need to verify its tokens.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..errors import Unauthorized
from ..http import Answer, Request
from ..ports import Ports
from .answer import JSON, encode
from .unrouted import READING, not_allowed

if TYPE_CHECKING:
    from ..ports import UsersPort
    from ..resources.users import Demand

OWN_USERS = "/_skylift/users/"
JWKS, CONFIGURATION = "/.well-known/jwks.json", "/.well-known/openid-configuration"
MISSING = (("www-authenticate", "Bearer"),)
WRONG = (("www-authenticate", 'Bearer error="invalid_token"'),)
UNAUTHORIZED = b'{"message":"Unauthorized"}'
KEPT = (*JSON, ("cache-control", "max-age=300"))
NOT_KEPT = (*JSON, ("cache-control", "no-store"))  # it names the host that was asked
HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-:[]")


class Issued(Struct, frozen=True):
    """What an issuer tells everybody: its name in tokens, and its keys as a JWKS."""

    issuer: str
    jwks: bytes


class Gate:
    """Stands before one route, and lets in who brings a token; where it is optional, also who
    brings none. A wrong one is refused in both cases.
    """

    __slots__ = ("_is_optional", "_users")

    def __init__(self, demand: Demand, ports: Ports) -> None:
        self._users: UsersPort = ports.adapters[demand.users.name]
        self._is_optional = demand.is_optional

    async def refusal(self, request: Request) -> Answer | None:
        """The answer to who may not come in; else the request knows its caller."""
        said = request.headers.get("authorization")
        if said is None:
            return None if self._is_optional else Answer(401, JSON + MISSING, UNAUTHORIZED)
        scheme, _, token = said.partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise Unauthorized
            request.caller = await self._users.verify(token)
        except Unauthorized:
            return Answer(401, JSON + WRONG, UNAUTHORIZED)
        return None


def users_path(name: str) -> str:
    """Where an Api tells what there is to know of the issuer of these users."""
    return OWN_USERS + name


async def told_of_issuer(request: Request, users: Collection[str], ports: Ports) -> Answer | None:
    """The keys of an issuer, or how it is configured; None for any other path."""
    name, slash, rest = request.path.removeprefix(OWN_USERS).partition("/")
    if name not in users or slash + rest not in (JWKS, CONFIGURATION):
        return None
    if request.method not in READING:
        return not_allowed(READING)
    issued: Issued = await ports.adapters[name].issued()
    if slash + rest == JWKS:
        return Answer(200, KEPT, issued.jwks)
    return Answer(200, NOT_KEPT, encode(_configuration(request, name, issued)))


def _configuration(request: Request, name: str, issued: Issued) -> dict[str, Any]:
    host = request.headers.get("host", "").lower()
    host = host if host and HOST_LETTERS.issuperset(host) else "localhost"
    return {
        "issuer": issued.issuer,
        "jwks_uri": f"http://{host}{users_path(name)}{JWKS}",
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "response_types_supported": ["token"],
    }
