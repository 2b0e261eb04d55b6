"""Updates as DynamoDB's expressions. What the declared type might not take back (a limit, a sum too
long, a field that must be there) is worked out for the item that was seen, and written only while
the attributes concerned are still the same.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

from ...codec import ItemCodec
from ...codec.number import decimal
from ...codec.shape import Shape
from ...codec.tree import decode_json, is_there
from ...engine.update import Step, applied, steps
from ...errors import Invalid
from ...ports import Update
from .condition_dynamodb import Compiler, Said, Seen, Unseen, alive, all_of, checked, is_small
from .expression_dynamodb import Words
from .value_dynamodb import (
    EXPIRES,
    WRITER,
    expires_s,
    number_text,
    text_of,
    value_of,
)

if TYPE_CHECKING:
    from .retry import Effect
    from .table_dynamodb import DynamoTable

FRACTIONAL = {float, Decimal}
ADDABLE = {int, *FRACTIONAL, type(None), str, list, dict}
EXACT_MAX = 10**27  # sums of two whole numbers below it are exact wherever they are added


def wanted(table: DynamoTable, action: Update, seen: Seen | None) -> tuple[dict[str, Any], Effect]:
    """The request, and what repeating it would do."""
    changes = steps(table.codec, action, table.declared.key)
    words = Words()
    clauses = Clauses(words)
    parts: list[Said] = [f"attribute_exists({words.name(table.layout.partition)})"]
    parts.append(alive(table.layout, words, table.now_us()) or True)
    compiler = Compiler(table.layout, words, seen)
    if seen is None:
        parts += _plain(table, action, changes, clauses)
    else:
        _worked_out(table, changes, seen, compiler, clauses)
    if table.is_followed:
        clauses.set(words.name(WRITER), table.writer())
    said = _said(table, action, parts, compiler)
    if not is_small(said):
        if seen is None:
            raise Unseen
        deciding = Compiler(table.layout, words, seen, decides=True)
        deciding.guards |= compiler.guards
        said = checked(_said(table, action, parts, deciding), table.codec.place)
    asked = {"TableName": table.place, "Key": table.layout.key(action.key)}
    asked |= words.asked(ConditionExpression=said, UpdateExpression=clauses.text)
    asked["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    is_again = seen is None and not action.add and action.if_ is None
    return asked, "repeatable" if is_again else "single"


def _said(table: DynamoTable, action: Update, parts: list[Said], compiler: Compiler) -> str:
    said = compiler.said(action.if_) if action.if_ is not None else True
    if said is False:
        parts = [*parts, f"attribute_not_exists({compiler.words.name(table.layout.partition)})"]
        said = True
    return str(all_of([*parts, said, *compiler.guards.values()]))


def check(table: DynamoTable, action: Update, tree: dict[str, Any]) -> None:
    """Raise what is wrong with the update for this very item."""
    changes = steps(table.codec, action, table.declared.key)
    _changed(table, changes, tree)


class Clauses:
    """SET, REMOVE and ADD of one update."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._set: list[str] = []
        self._remove: list[str] = []
        self._add: list[str] = []

    @property
    def text(self) -> str:
        found = (("SET", self._set), ("REMOVE", self._remove), ("ADD", self._add))
        return " ".join(f"{clause} {', '.join(parts)}" for clause, parts in found if parts)

    def set(self, path: str, value: dict[str, Any]) -> None:
        self._set.append(f"{path} = {self.words.value(value)}")

    def remove(self, path: str) -> None:
        self._remove.append(path)

    def add(self, path: str, value: dict[str, Any]) -> None:
        self._add.append(f"{path} {self.words.value(value)}")

    def add_nested(self, path: str, value: dict[str, Any]) -> None:
        """ADD takes attributes of the item itself only."""
        zero, amount = self.words.value({"N": "0"}), self.words.value(value)
        self._set.append(f"{path} = if_not_exists({path}, {zero}) + {amount}")


def is_doubtful(codec: ItemCodec, step: Step) -> bool:
    """Whether only the item itself tells if it may become so."""
    if codec.is_checked:
        from .accept_dynamodb import is_surely_accepted

        if not is_surely_accepted(codec, step):
            return True
    name = step.names[-1]
    if any(each.tag is not None and each.tag[0] == name for each in step.parent.objects):
        return True
    if step.value is None or not is_there(step.value, step.place):
        return _is_needed(step)
    if not step.adds:
        return False
    if step.place.array is set:
        return len(step.names) > 1
    if step.place.writers.keys() - ADDABLE:
        return True
    is_whole = isinstance(step.value, int)
    if is_whole and abs(step.value) > EXACT_MAX:
        return True
    return not is_whole and not step.place.writers.keys() & FRACTIONAL


def has_own_checks(shape: Shape) -> bool:
    """Whether a class in it looks at its values itself when it is made."""
    return any(hasattr(cls, "__post_init__") for cls in _classes(shape, set()))


def _classes(shape: Shape | None, known: set[int]) -> list[type]:
    if shape is None or id(shape) in known:
        return []
    known.add(id(shape))
    found = [each.cls for each in shape.objects]
    inner = [field[3] for each in shape.objects for field in each.fields]
    for part in (shape.items, shape.values, *inner):
        found += _classes(part, known)
    return found


def _is_needed(step: Step) -> bool:
    """Whether what is taken away must be there."""
    if step.place.nullable or step.place.array is set:
        return False
    fields = [field for each in step.parent.objects for field in each.fields]
    return any(field[1] == step.names[-1] and field[4] for field in fields)


def _plain(table: DynamoTable, action: Update, changes: list[Step], clauses: Clauses) -> list[Said]:
    """Each step in DynamoDB's words; what must be so that they mean the same."""
    guards: dict[str, Said] = {}
    if changes and has_own_checks(table.codec.shape):
        raise Unseen
    for step in changes:
        if is_doubtful(table.codec, step):
            raise Unseen
        words = clauses.words
        path = words.name(*step.names)
        if len(step.names) > 1:
            parent = words.name(*step.names[:-1])
            if parent not in guards:
                guards[parent] = f"attribute_type({parent}, {words.value({'S': 'M'})})"
        if step.adds:
            guards[path] = _added(step, path, clauses)
        elif step.value is None:
            clauses.remove(path)
        else:
            value = _value(table.codec, step)
            clauses.set(path, value) if value is not None else clauses.remove(path)
            _check_key(table, action, step)
        if step.path == table.declared.ttl:
            _expire(action, step, clauses)
    return [guard for guard in guards.values() if guard]


def _added(step: Step, path: str, clauses: Clauses) -> Said:
    if step.place.array is set:
        if step.value:
            clauses.add(path, value_of(step.value, step.place))
        return True
    amount = {"N": number_text(step.value)}
    if len(step.names) == 1:
        clauses.add(path, amount)
    else:
        clauses.add_nested(path, amount)
    if not isinstance(step.value, int) or int not in step.place.writers:
        return True
    words = clauses.words
    low, high = (words.value({"N": number_text(end)}) for end in (-EXACT_MAX, EXACT_MAX))
    return f"attribute_not_exists({path}) OR {path} BETWEEN {low} AND {high}"


def _value(codec: ItemCodec, step: Step) -> dict[str, Any] | None:
    """None where it is absence."""
    tree: Any = step.value
    for name in reversed(step.names):
        tree = {name: tree}
    found: Any = decode_json(codec.stored(tree, is_item=False))
    for name in step.names:
        found = found[name]
    return value_of(found, step.place) if is_there(found, step.place) else None


def _check_key(table: DynamoTable, action: Update, step: Step) -> None:
    """One that cannot be a key is refused after what else may be wrong."""
    field = table.layout.fields.get(step.path)
    if field is not None and action.set.get(step.path) is not None:
        try:
            field.column(action.set[step.path])
        except Invalid:
            raise Unseen from None


def _expire(action: Update, step: Step, clauses: Clauses) -> None:
    """The hidden attribute goes along: never earlier than the item's own."""
    path = clauses.words.name(EXPIRES)
    if step.adds:
        seconds = decimal(step.value).to_integral_value(ROUND_CEILING)
        clauses.add(path, {"N": str(int(seconds))})
        return
    expires = expires_s(action.set.get(step.path))
    if expires is None:
        clauses.remove(path)
    else:
        clauses.set(path, {"N": str(expires)})


def _worked_out(
    table: DynamoTable,
    changes: list[Step],
    seen: Seen,
    compiler: Compiler,
    clauses: Clauses,
) -> None:
    """Every attribute concerned as it becomes, guarded by what it was."""
    assert seen.tree is not None
    item, changed = _changed(table, changes, seen.tree)
    found = table.layout.attributes(item, changed)
    roots = dict.fromkeys(step.names[0] for step in changes)
    shape = table.codec.shape
    concerned = list(roots)
    if table.codec.is_checked or has_own_checks(shape):  # one may be held against another
        concerned = [field[1] for each in shape.objects for field in each.fields]
    for name in concerned:
        compiler.guard(name, place=next((each.stored_at(name) for each in shape.objects), None))
    hidden = [EXPIRES] if any(step.path == table.declared.ttl for step in changes) else []
    for name in [*roots, *hidden]:
        path = clauses.words.name(name)
        clauses.set(path, found[name]) if name in found else clauses.remove(path)


def _changed(
    table: DynamoTable, changes: list[Step], tree: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The item afterwards, and its tree; Invalid when there is no such item."""
    codec, text = table.codec, text_of(tree).decode()
    changed = applied(codec, text, changes)
    try:
        item = codec.accept(changed)
    except Invalid:
        codec.decode(text)  # if it could not be read before, it is not this update
        raise
    table.layout.check_keys(item)
    return item, decode_json(changed)
