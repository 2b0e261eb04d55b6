"""Each method and each shape of an answer."""

from skylift import Context, Request, Response, Struct, new_id, now

from .api import api
from .shapes import Item, Moment


class Asked(Struct):
    method: str
    path: str
    query: dict[str, list[str]]
    cookies: dict[str, str]
    size: int


class Ran(Struct):
    function: str
    attempt: int
    before: bool
    id: str
    at: Moment


@api.get("/answers")
async def found() -> Item:
    return Item("found")


@api.post("/answers", status=201)
async def made(item: Item) -> Item:
    return item


@api.put("/answers", status=202)
async def accepted(item: Item) -> Item:
    return item


@api.patch("/answers")
async def changed(item: Item) -> Item:
    return item


@api.delete("/answers")
async def gone() -> None:
    """Nothing is answered: 204."""


@api.get("/answers/maybe")
async def maybe(there: bool = False) -> Item | None:
    return Item("there") if there else None


@api.get("/answers/sync")
def sync(count: int = 3) -> int:
    """A plain def runs in a thread."""
    return sum(range(min(count, 1000)))


@api.get("/answers/redirect")
async def redirect() -> Response:
    return Response(status=302, headers={"Location": "/answers"})


@api.get("/answers/text")
async def text() -> Response:
    return Response("plain text", headers={"X-Kind": "text"})


@api.get("/answers/bytes")
async def raw() -> Response:
    return Response(b"\x00\x01")


@api.get("/answers/cookies")
async def cookies() -> Response:
    return Response({"ok": True}, cookies=["a=1; Path=/; HttpOnly", "b=2"])


@api.get("/answers/custom")
async def custom(item: bool = False) -> Item | Response:
    return Item("plain") if item else Response(Item("custom"), status=299)


@api.get("/answers/request")
async def request(request: Request) -> Asked:
    return Asked(request.method, request.path, request.query, request.cookies, len(request.body))


@api.get("/answers/context")
async def context(context: Context) -> Ran:
    return Ran(
        context.function, context.attempt, now() <= context.deadline, new_id(), context.deadline
    )
