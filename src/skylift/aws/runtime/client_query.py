"""Services that speak AWS's query protocol: a form asks, XML answers. Imported by the adapters that
call one; of the interpreter's own XML it takes the bare parser, which costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pyexpat import ExpatError, ParserCreate
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from msgspec import MsgspecError, Struct, convert

from .answer import Answer
from .client import Client, damage
from .failure import GARBLED, Failure, refused
from .sign import Call, encoded

if TYPE_CHECKING:
    from .retry import Effect

FORM = "application/x-www-form-urlencoded; charset=utf-8"
MEMBER = "member"  # what the elements of a list are called
UNREADABLE = (ExpatError, MsgspecError, ValueError)

A = TypeVar("A")


class Query(Struct, frozen=True):
    """One call. `asked` holds texts, numbers, truth values, and lists and dicts of them."""

    operation: str
    version: str  # of the service's interface
    asked: dict[str, Any]


async def called(
    client: Client, query: Query, answer: type[A], *, deadline: float, effect: Effect = "single"
) -> A:
    """The result, an absent one being {}; every leaf of it is text, an empty list too. `deadline`,
    `effect` and Failure as Client.ask has it.
    """
    asked = {"Action": query.operation, "Version": query.version, **query.asked}
    body = "&".join([f"{name}={encoded(text)}" for name, text in fields(asked)])
    headers = {**client.headers, "content-type": FORM}
    call = Call("POST", client.path, "", headers, body.encode())

    def read(found: Answer) -> A:
        return decoded(found, query.operation, answer)

    return await client.ask(query.operation, call, read, deadline=deadline, effect=effect)


def fields(asked: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """`Entries.member.1.Id` and its text, and so on."""
    if isinstance(asked, dict):
        for key, value in cast("dict[str, Any]", asked).items():
            yield from fields(value, f"{name}.{key}" if name else key)
    elif isinstance(asked, list):
        for number, value in enumerate(cast("list[Any]", asked), 1):
            yield from fields(value, f"{name}.{MEMBER}.{number}")
    else:
        yield name, str(asked).lower() if isinstance(asked, bool) else str(asked)


def decoded(found: Answer, operation: str, answer: type[A]) -> A:
    """What an answer says; Failure when it refuses, or is not what was sent."""
    is_done = 200 <= found.status < 300
    if reason := damage(found.headers, found.body):
        unknown = is_done or found.status >= 500
        raise Failure(GARBLED, reason, unknown=unknown, status=found.status)
    if not is_done:
        raise refusal(found)
    try:
        name, said = tree(found.body)
        if name != f"{operation}Response":
            raise ValueError(f"the answer is a {name}")
        return convert(under(said, f"{operation}Result") or {}, type=answer)
    except UNREADABLE as error:
        raise Failure(GARBLED, str(error), unknown=True, status=found.status) from error


def refusal(found: Answer) -> Failure:
    try:
        error = under(tree(found.body)[1], "Error")
    except UNREADABLE:
        error = None
    code = under(error, "Code")
    if not code:
        return refused(found.status, found.headers, found.body)  # a load balancer's page
    message, unknown = str(under(error, "Message") or "no message"), found.status >= 500
    return Failure(
        *(str(code), message),
        unknown=unknown,
        status=found.status,
        headers=found.headers,
        body=found.body,
    )


def under(said: Any, name: str) -> Any:
    return cast("dict[str, Any]", said).get(name) if isinstance(said, dict) else None


def tree(body: bytes) -> tuple[str, Any]:
    """The name of the document's element and what is in it: a dict, a list of its members, or
    text.
    """
    open_: list[tuple[str, list[tuple[str, Any]], list[str]]] = [("", [], [])]

    def begin(name: str, _: dict[str, str]) -> None:
        open_.append((name, [], []))

    def end(_: str) -> None:
        name, children, text = open_.pop()
        open_[-1][1].append((name, inside(children) if children else "".join(text)))

    def said(text: str) -> None:
        open_[-1][2].append(text)

    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = said, refuse_doctype
    parser.Parse(body, True)
    return open_[0][1][0]


def inside(children: list[tuple[str, Any]]) -> Any:
    is_list = all(name == MEMBER for name, _ in children)
    return [value for _, value in children] if is_list else dict(children)


def refuse_doctype(*_: object) -> NoReturn:
    raise ValueError("the answer declares a document type, and may make anything of itself")
