"""Whose tokens a user pool has signed. Its keys are fetched when the first token comes, kept in the
warm function, and fetched again for a token that names another: pools change their keys.
"""

from __future__ import annotations

from msgspec import Struct

from ...ports import Clock
from ...token import Claims, Expected, Refused, UnknownKey, Verifier, decoded, keys_of, members
from .answer import Answer
from .client import Client
from .failure import GARBLED, Failure, refused
from .sign import Call
from .wait import deadline

AGAIN_S = 30.0  # at the earliest: what names unknown keys must not make us ask all the time
SUFFIXES = {"cn-": ".cn"}


class Pool(Struct, frozen=True):
    """Where users are on AWS: their pool, and the client of it that is this app's."""

    id: str  # eu-west-1_Ab1Cd2Ef3
    client: str

    @property
    def expected(self) -> Expected:
        region = self.id.partition("_")[0]
        suffix = next((SUFFIXES[one] for one in SUFFIXES if region.startswith(one)), "")
        host = f"cognito-idp.{region}.amazonaws.com{suffix}"
        return Expected(f"https://{host}/{self.id}", self.client)


class PoolKeys:
    """Verifies the tokens of one pool."""

    def __init__(self, client: Client, pool: Pool, clock: Clock) -> None:
        self._client, self._pool, self._clock = client, pool, clock
        self._verifier: Verifier | None = None
        self._fetched = float("-inf")

    async def claims(self, token: str, now: float) -> Claims:
        """What a token says; Refused when it is not to be taken at this time."""
        if self._verifier is not None:
            try:
                return self._verifier.claims(token, now)
            except UnknownKey:
                if self._clock.monotonic() < self._fetched + AGAIN_S:
                    raise
        self._verifier = Verifier(keys_of(await self._fetch()), self._pool.expected)
        self._fetched = self._clock.monotonic()
        return self._verifier.claims(token, now)

    async def once_valid(self, token: str) -> Claims:
        """What a token says that was taken when it was issued, however long ago that is."""
        return await self.claims(token, float(unverified(token).get("iat", 0)))

    async def _fetch(self) -> bytes:
        path = f"{self._client.path.rstrip('/')}/{self._pool.id}/.well-known/jwks.json"
        call = Call("GET", path, "", {"host": self._client.headers["host"]}, b"")
        until = deadline(self._clock)
        try:
            return await self._client.ask(
                *("keys", call, body_of), deadline=until, effect="none", is_signed=False
            )
        except Failure as failure:
            from .errors import translated

            raise translated(failure) from failure


def body_of(found: Answer) -> bytes:
    if found.status != 200:
        raise refused(found.status, found.headers, found.body)
    if found.headers.get("content-encoding", "identity") != "identity":
        raise Failure(GARBLED, "the keys came compressed", status=found.status)
    return found.body


def unverified(token: str) -> Claims:
    """What a token says that came from its pool itself, or is looked at before it is verified."""
    parts = token.encode("utf-8", "surrogatepass").split(b".")
    if len(parts) != 3:
        raise Refused("it has not three parts")
    return members(decoded(parts[1]))
