"""Items to text and back: canonical JSON in which numbers are exact literals, datetimes fixed-width
UTC and sets sorted. What encode accepts, decode returns equal; what an older declaration stored is
read by today's: unknown fields are ignored, absent ones filled in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from msgspec import DecodeError, json

from ..errors import DeclarationError, Invalid, Mistake, SkyliftError, did_you_mean
from .declared import declared_as, is_model
from .misfit import Misfit
from .shape import Shape
from .tree import decode_json, encode_json, filled, item_bytes

ITEM_BYTES_MAX = 400 * 1024
# No value takes more than twice its JSON: an empty list in a list is 3 characters and 4 bytes.
SURELY_SMALL = ITEM_BYTES_MAX // 2

# What a decoder, a __post_init__ or a pydantic validator says of wrong data.
OWN_CHECKS = (AssertionError, LookupError, AttributeError)  # their text alone says little
MISREAD = (DecodeError, ValueError, TypeError, ArithmeticError, RecursionError, *OWN_CHECKS)


class ItemCodec:
    """One table's items. `place` names the table in errors."""

    def __init__(self, item: type[Any], place: str) -> None:
        declared = declared_as(item)
        if declared.mistakes:
            raise DeclarationError(*(Mistake(place, *mistake) for mistake in declared.mistakes))
        self.item, self.place, self.shape = item, place, declared.root
        self.is_checked = declared.checked
        self._read: Callable[[str | bytes], Any] = json.Decoder(declared.decodable).decode
        if is_model(item):
            read, validate = self._read, cast(Any, item).model_validate
            self._read = lambda text: validate(read(text), by_name=True, by_alias=False)

    def encode(self, item: Any, *, is_item: bool = True) -> str:
        """The text of an item, or of a message, which may be larger; Invalid names the value that
        may not be stored.
        """
        try:
            tree = self.shape.write(item)
        except Misfit as misfit:
            raise self.invalid(misfit) from None
        text = self.stored(tree, is_item=is_item)
        if self.is_checked:
            self.accept(text)
        return text

    def stored(self, tree: dict[str, Any], *, is_item: bool = True) -> str:
        """The text of a tree; Invalid when it is not Unicode, or too large for an item."""
        try:
            raw = encode_json(tree)
        except UnicodeEncodeError:
            raise Invalid(f"{self.place}: {_torn(tree)}: a lone surrogate is not text") from None
        if (
            is_item
            and len(raw) > SURELY_SMALL
            and (size := item_bytes(decode_json(raw), self.shape)) > ITEM_BYTES_MAX
        ):
            raise Invalid(f"{self.place}: the item has {size:,} bytes, limit {ITEM_BYTES_MAX:,}")
        return raw.decode()

    def decode(self, text: str | bytes) -> Any:
        """The item of a stored text. One that does not fit its declaration any more is a plain
        SkyliftError: no client can do anything about it.
        """
        try:
            return self._parsed(text)
        except MISREAD as error:
            raise SkyliftError(
                f"{self.place}: a stored item cannot be read as {self.item.__name__}: "
                f"{in_short(error)}. hint: give new fields defaults, or convert what is stored"
            ) from error

    def accept(self, text: str | bytes) -> Any:
        """The item a text would read back as; Invalid when it would not."""
        try:
            return self._parsed(text)
        except MISREAD as error:
            raise Invalid(f"{self.place}: {in_short(error)}") from error

    def _parsed(self, text: str | bytes) -> Any:
        try:
            return self._read(text)
        except MISREAD:
            return self._read(encode_json(filled(decode_json(text), self.shape)))

    def invalid(self, misfit: Misfit) -> Invalid:
        return Invalid(f"{self.place}: {misfit}")

    def find(self, path: str) -> tuple[list[str], list[Shape]]:
        """The stored names along a dotted path, and the shapes from the item to the path's end;
        DeclarationError with a hint when it leads nowhere.
        """
        names, shapes = list[str](), [self.shape]
        for name in path.split("."):
            inner = shapes[-1].at(name) if name else None
            if inner is None:
                known = shapes[-1].known()
                hint = (
                    did_you_mean(name, known) if known else f"{shapes[-1].called} has no attributes"
                )
                where = ".".join(path.split(".")[: len(names)]) or self.item.__name__
                raise DeclarationError(
                    Mistake(self.place, f"{path!r}: {where} has no attribute {name!r}", hint)
                )
            names.append(shapes[-1].stored(name))
            shapes.append(inner)
        return names, shapes


def _torn(tree: Any, path: str = "") -> str:
    """Where the string stands that is no Unicode."""
    if isinstance(tree, dict):
        parts = cast("dict[str, Any]", tree).items()
        return next(filter(None, (_torn(part, f"{path}.{key}") for key, part in parts)), "")
    if isinstance(tree, list):
        parts = enumerate(cast("list[Any]", tree))
        return next(filter(None, (_torn(part, f"{path}[{at}]") for at, part in parts)), "")
    torn = isinstance(tree, str) and any("\ud800" <= letter <= "\udfff" for letter in tree)
    return path.lstrip(".") if torn else ""


def in_short(error: Exception) -> str:
    said = " ".join(str(error).split())[:300]
    if isinstance(error, OWN_CHECKS):
        return f"{type(error).__name__}: {said}" if said else type(error).__name__
    return said
