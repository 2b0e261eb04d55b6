"""A pattern as it was written, beside the declared type: its alternatives compiled, its document as
it is deployed, and every mistake in it.

`$or` is multiplied out, as AWS does it. Where a field stands twice in one alternative AWS keeps
only what was written last; that is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias, cast

from ..codec.shape import Shape
from ..errors import did_you_mean
from .entry import NAMES, Presence, Wanted, any_of, wanted
from .fit import Place, check
from .grammar import Grammar
from .match import Leaf
from .wrong import Unfit, Wrong

OR = "$or"
# With one of these for a field in a branch, AWS takes `$or` itself for a field.
RESERVED = frozenset([*NAMES, "exactly", "=", "<", "<=", ">", ">=", "regex"])
ALTERNATIVES_MAX = 5_000  # beyond every limit: a pattern does not fill the memory

Alternatives: TypeAlias = list[list[Leaf]]


class Reading:
    """`document` and `alternatives` are of use while there are no mistakes."""

    def __init__(self, where: Any, shape: Shape, of: Grammar) -> None:
        self.mistakes: list[Wrong] = []
        self._of = of
        self.document, self.alternatives = self._object(where, Place(shape, ()), [[]])

    def _object(
        self, part: Any, place: Place, before: Alternatives
    ) -> tuple[dict[str, Any], Alternatives]:
        """What it says as it is deployed, and each alternative so far with that added."""
        document: dict[str, Any] = {}
        if not isinstance(part, dict):
            self._wrong(place, f"{part!r} is no object", '{"status": ["open"]} is a pattern')
            return document, before
        if not part:
            self._wrong(place, "an empty object says nothing", "leave it away, or name a field")
        for name, value in cast("dict[Any, Any]", part).items():
            if name == OR:
                document[OR], before = self._either(value, place, before)
            elif (inner := self._inner(name, place)) is not None:
                document[inner.path[-1]], before = self._field(value, inner, before)
        return document, before

    def _inner(self, name: Any, place: Place) -> Place | None:
        if not isinstance(name, str):
            self._wrong(place, f"{name!r} is no name", "a field is named by a str")
        elif "." in name:
            nested = '": {"'.join(name.split("."))
            closed = "}" * (name.count(".") + 1)
            self._wrong(place, f"{name!r} has a dot", f'write {{"{nested}": […]{closed}')
        elif (inner := place.at(name)) is not None:
            return inner
        elif place.known:
            reason = f"{place.called} has no field {name!r}"
            self._wrong(place, reason, did_you_mean(name, place.known))
        else:
            remedy = "name the values it may have, in a list"
            self._wrong(place, f"{place.called} has no fields", remedy)
        return None

    def _field(self, value: Any, place: Place, before: Alternatives) -> tuple[Any, Alternatives]:
        said = cast("dict[Any, Any]", value) if isinstance(value, dict) else None
        if said is not None and (place.is_object or not set(said) <= set(NAMES)):
            return self._object(said, place, before)
        if not isinstance(value, list):
            several = isinstance(value, tuple | set | frozenset)
            inner: list[Any] = [*cast("tuple[Any]", value)] if several else [value]
            self._wrong(place, f"{value!r} stands in no list", f"write {inner!r}")
            return [], before
        leaf, document = self._leaf(cast("list[Any]", value), place)
        return document, list(self._with(leaf, before, place))

    def _leaf(self, entries: list[Any], place: Place) -> tuple[Leaf, list[Any]]:
        found: list[Wanted | Presence] = []
        if not entries:
            self._wrong(place, "an empty list matches nothing", "leave it away, or name values")
        for at, entry in enumerate(entries):
            try:
                one = wanted(entry, self._of)
                check(one, place)
                found.append(one)
            except Unfit as unfit:
                spot = f"[{at}]" if len(entries) > 1 else ""
                self._wrong(place, unfit.reason, unfit.remedy, spot)
        asked = {one.there for one in found if isinstance(one, Presence)}
        tests = [one for one in found if isinstance(one, Wanted)]
        test = self._is_there if True in asked else any_of(tests)
        return Leaf(place.path, test, False in asked), [one.document for one in found]

    def _is_there(self, value: Any) -> bool:
        """SNS does not count what is there and empty."""
        return not (self._of.is_topic and value in (None, ""))

    def _with(self, leaf: Leaf, before: Alternatives, place: Place) -> Iterator[list[Leaf]]:
        for one in before:
            if any(_is_within(leaf.path, other.path) for other in one):
                remedy = "AWS keeps only what is written last: say it once, or in each branch"
                self._wrong(place, "it stands here and in a $or, or in two of them", remedy)
            yield [*one, leaf]

    def _either(
        self, value: Any, place: Place, before: Alternatives
    ) -> tuple[list[Any], Alternatives]:
        document: list[Any] = []
        after: Alternatives = []
        branches = cast("list[Any]", value) if isinstance(value, list) else []
        if len(branches) < 2 or not all(isinstance(one, dict) for one in branches):
            remedy = 'write "$or": [{"status": ["open"]}, {"urgent": [True]}]'
            self._wrong(place, "$or is a list of two objects or more", remedy)
            return document, before
        for branch in branches:
            for name in sorted(RESERVED & set(branch)):
                remedy = "AWS would take $or for the name of a field; nest the field in an object"
                self._wrong(place, f"{name!r} names a field in a branch of $or", remedy)
            said, more = self._object(branch, place, before)
            document.append(said)
            after += more
        return document, after[:ALTERNATIVES_MAX]

    def _wrong(self, place: Place, reason: str, remedy: str, spot: str = "") -> None:
        wrong = Wrong(f"{place.shown}{spot}: {reason}", remedy)
        if wrong not in self.mistakes:
            self.mistakes.append(wrong)


def _is_within(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """The same leaf, or one that would stand inside the other."""
    shorter = min(len(path), len(other))
    return path[:shorter] == other[:shorter]
