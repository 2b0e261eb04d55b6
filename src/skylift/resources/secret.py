"""A secret: a text that stands in no code. It is set for each stage by `skylift secret set`, lies
encrypted wherever it lies, and only the function that reveals it ever holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..invocation import reach
from .resource import Resource

if TYPE_CHECKING:
    from ..ports import SecretPort

VALUE_BYTES_MAX = 4_096  # of a parameter of SSM
KEPT_S = 300  # a warm function asks again after it


class Secret(Resource):
    """`Secret("stripe")`, set by `skylift secret set APP stripe`. With `rotate=True` it is kept in
    Secrets Manager on AWS, which can change it by itself. With `optional=True` it need not be set,
    and is an empty text then.
    """

    kind = "secret"
    verbs = frozenset(["reveal"])

    def __init__(self, name: str, *, rotate: bool = False, optional: bool = False) -> None:
        self._declare(name)
        self.rotate = rotate
        self.optional = optional

    async def reveal(self) -> str:
        """The value that was set last; on AWS it may be one that was replaced up to 5 minutes ago.
        One that was never set is a mistake, which says the command that sets it; "" if optional.
        """
        port: SecretPort = reach(self.name, "reveal")
        return await port.reveal()


def wrong_value(value: str) -> str:
    """Why no secret may be this; "" when it may. It does not repeat the value."""
    if not value:
        return "it is empty"
    size = len(value.encode("utf-8", "surrogatepass"))
    if size > VALUE_BYTES_MAX:
        return f"it has {size:,} bytes, the limit is {VALUE_BYTES_MAX:,}"
    if "{{" in value:
        return "it holds {{, which SSM does not take"
    if "\0" in value or not is_text(value):
        return "it is no text of UTF-8 without NUL"
    return ""


def is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
