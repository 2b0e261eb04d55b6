"""Services that speak REST: what is asked stands in method, path and query, bodies are JSON, and a
refusal names itself in a header. Imported by the adapters that call one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, json

from .client import Client, decoded
from .sign import Call, encoded

if TYPE_CHECKING:
    from .answer import Answer
    from .retry import Effect

A = TypeVar("A")
NOTHING: Mapping[str, str] = {}


class Rest(Struct, frozen=True):
    """One call. `path` begins with a slash and is made by `path_of`; query and headers are as they
    are meant, not as they are sent.
    """

    operation: str  # in errors
    method: str
    path: str
    body: bytes = b""
    query: Mapping[str, str] = NOTHING
    headers: Mapping[str, str] = NOTHING


def path_of(*segments: str) -> str:
    """Each encoded, so that none can be two."""
    return "".join([f"/{encoded(one)}" for one in segments])


def body_of(asked: object) -> bytes:
    return json.encode(asked)


async def called(
    client: Client, rest: Rest, answer: type[A], *, deadline: float, effect: Effect = "single"
) -> A:
    """The answer, an empty one being {}; `deadline`, `effect` and Failure as Client.ask has it."""
    headers = {**client.headers, "content-type": "application/json", **rest.headers}
    query = "&".join([f"{encoded(name)}={encoded(text)}" for name, text in rest.query.items()])
    path = client.path.rstrip("/") + rest.path
    call = Call(rest.method, path, query, headers, rest.body)

    def read(found: Answer) -> A:
        return decoded(found, answer)

    return await client.ask(rest.operation, call, read, deadline=deadline, effect=effect)
