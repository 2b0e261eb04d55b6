"""One wrong value in a request, as its sender is told."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Where: TypeAlias = Literal["body", "query", "path", "header"]


class Problem(Struct, frozen=True):
    """One wrong value: a JSON pointer into the body, or the name of the parameter."""

    pointer: str
    where: Where
    expected: str
    got: str

    def shown(self) -> dict[str, str]:
        said = {"pointer": self.pointer, "in": self.where}
        return said | {"expected": self.expected, "got": self.got}


def refusal(error: Exception, where: Where, pointer: str = "") -> Problem:
    """What msgspec itself told, at its own path (`$.items[0].price`), as far as it names it."""
    message, _, path = str(error).replace("`", "").partition(" - at ")
    wanted, _, came = message.partition(", got ")
    if path.startswith("$"):
        steps = path[1:].partition("[...]")[0].replace("[", ".").replace("]", "")
        pointer += steps.replace("~", "~0").replace("/", "~1").replace(".", "/")
    if wanted.startswith("Expected ") and came:
        return Problem(pointer, where, wanted.removeprefix("Expected "), came)
    return Problem(pointer, where, message, "another value")
