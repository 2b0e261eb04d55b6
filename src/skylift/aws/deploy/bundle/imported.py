"""What a module imports, read from its source: nothing is run. Imports for types alone are left
out, and branches that the target never takes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

# What else is caught beside these does not matter: the module goes on without what it asked for.
FORGIVING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
# Calls that name a module in their first argument, and calls that may name a package there.
IMPORTING = frozenset(["import_module", "__import__"])
READING = frozenset(["files", "get_data", "read_text", "read_binary", "open_text", "open_binary"])


class Imported(Struct, frozen=True):
    """One import. `names` are taken from the module, or tell of the module alone when empty."""

    module: str  # without its leading dots
    level: int  # how many those were
    names: tuple[str, ...]
    line: int
    is_optional: bool  # the module does without when it is missing
    within: str = ""  # the function at the top of the module that the import stands in


class Reading(Struct, frozen=True):
    """`promised`: what a lazy package (PEP 562) loads when asked, as it tells type checkers.
    `touched`: attributes of what is imported, which may be modules that nobody imports.
    """

    imports: tuple[Imported, ...] = ()
    unseen: tuple[int, ...] = ()  # lines that import what only a run could tell
    exported: tuple[str, ...] = ()  # what __all__ names
    promised: tuple[tuple[str, Imported], ...] = ()
    touched: tuple[Imported, ...] = ()
    bound: frozenset[str] = frozenset()  # names at the top, with and without an import


class Place(Struct, frozen=True):
    """Where in a module the reading has come to."""

    is_optional: bool = False
    within: str = ""


def read_imports(source: bytes, version: tuple[int, int]) -> Reading:
    """SyntaxError when it is no Python of this interpreter."""
    tree = ast.parse(source)
    found: list[Imported] = []
    unseen: list[int] = []
    for one in _read(tree.body, Place(), version):
        if isinstance(one, Imported):
            found.append(one)
        else:
            unseen.append(one)
    promised, touched = tuple(_promised(tree)), tuple(_touched(tree, found))
    bound = frozenset(_bound(tree.body))
    return Reading(tuple(found), tuple(unseen), _exported(tree), promised, touched, bound)


def _read(
    nodes: Sequence[ast.AST], place: Place, version: tuple[int, int]
) -> Iterator[Imported | int]:
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _stated(node, place)
        elif isinstance(node, ast.expr):
            yield from _asked(node, place)
        elif isinstance(node, ast.If):
            yield from _read([node.test], place, version)
            yield from _read(_taken(node, version), place, version)
        else:
            yield from _read(list(ast.iter_child_nodes(node)), _inside(node, place), version)


def _inside(node: ast.AST, place: Place) -> Place:
    is_forgiving = isinstance(node, ast.Try) and any(map(_forgives, node.handlers))
    if is_forgiving or (isinstance(node, ast.With) and any(map(_suppresses, node.items))):
        return Place(True, place.within)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not place.within:
        return Place(place.is_optional, node.name)
    return place


def _forgives(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or not FORGIVING.isdisjoint(_words(handler.type))


def _suppresses(item: ast.withitem) -> bool:
    words = _words(item.context_expr)
    return "suppress" in words and not FORGIVING.isdisjoint(words)


def _words(node: ast.AST) -> set[str]:
    """The last names of what stands there: `builtins.ImportError` is ImportError."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return names | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


# -- statements


def _stated(node: ast.Import | ast.ImportFrom, place: Place) -> Iterator[Imported]:
    how = (node.lineno, place.is_optional, place.within)
    if isinstance(node, ast.Import):
        yield from (Imported(one.name, 0, (), *how) for one in node.names)
    else:
        names = tuple(one.name for one in node.names)
        yield Imported(node.module or "", node.level, names, *how)


def _asked(node: ast.expr, place: Place) -> Iterator[Imported | int]:
    """Not by recursion: an expression may be as deep as it is long."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            yield from _called(one, place)


def _called(node: ast.Call, place: Place) -> Iterator[Imported | int]:
    """`importlib.import_module("hello.late")`: as an import; of what is no text, its line. So does
    `files("hello.pages")`, where there is such a package.
    """
    word = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if word not in IMPORTING | READING:
        return
    said = node.args[0] if node.args else next((one.value for one in node.keywords), None)
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        module = said.value.lstrip(".")
        level, may_fail = len(said.value) - len(module), word in READING or place.is_optional
        if all(part.isidentifier() for part in module.split(".")):
            yield Imported(module, level, (), node.lineno, may_fail, place.within)
    elif word in IMPORTING:
        yield node.lineno


# -- branches


def _taken(node: ast.If, version: tuple[int, int]) -> list[ast.stmt]:
    is_taken = _decided(node.test, version)
    if is_taken is None:
        return [*node.body, *node.orelse]
    return node.body if is_taken else node.orelse


def _decided(test: ast.expr, version: tuple[int, int]) -> bool | None:
    """What the target makes of a test; None when it depends on more than the target."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _decided(test.operand, version)
        return None if inner is None else not inner
    if _dotted(test).rpartition(".")[2] == "TYPE_CHECKING":
        return False
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    asked, said = _dotted(test.left), test.comparators[0]
    if asked == "sys.version_info" and isinstance(said, ast.Tuple):
        return _compared(test.ops[0], version, tuple(map(_number, said.elts))[:2])
    if asked == "sys.platform" and isinstance(said, ast.Constant):
        return _compared(test.ops[0], "linux", said.value)
    return None


def _dotted(node: ast.expr) -> str:
    """`sys.version_info`; of what is no such name, nothing."""
    if isinstance(node, ast.Name):
        return node.id
    above = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{above}.{node.attr}" if above and isinstance(node, ast.Attribute) else ""


def _number(node: ast.expr) -> int:
    said = node.value if isinstance(node, ast.Constant) else 0
    return said if isinstance(said, int) else 0


def _compared(operator: ast.cmpop, left: Any, right: Any) -> bool | None:
    match operator:
        case ast.Eq():
            return left == right
        case ast.NotEq():
            return left != right
        case ast.Lt():
            return left < right
        case ast.GtE():
            return left >= right
        case _:
            return None


def _exported(tree: ast.Module) -> tuple[str, ...]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and _dotted(node.targets[0]) == "__all__":
            return tuple(
                one.value
                for one in ast.walk(node.value)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
    return ()


def _promised(tree: ast.Module) -> Iterator[tuple[str, Imported]]:
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    if "__getattr__" not in names:
        return
    for node in _for_types(tree):
        for alias in node.names:
            said = Imported(node.module or "", node.level, (alias.name,), node.lineno, False)
            yield alias.asname or alias.name, said


def _for_types(tree: ast.Module) -> Iterator[ast.ImportFrom]:
    """What stands under `if TYPE_CHECKING`."""
    for node in tree.body:
        if isinstance(node, ast.If) and _decided(node.test, (0, 0)) is False:
            yield from (one for one in node.body if isinstance(one, ast.ImportFrom))


def _touched(tree: ast.Module, imports: Sequence[Imported]) -> Iterator[Imported]:
    """`urllib.parse` where only `import urllib` is written. Of names that an import alone binds:
    others may be anything.
    """
    bound = {one.module: one for one in imports if not one.level and not one.names}
    seen: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            whole, said = f"{node.value.id}.{node.attr}", bound.get(node.value.id)
            if said is not None and whole not in seen:
                seen.add(whole)
                yield Imported(whole, 0, (), node.lineno, said.is_optional)


def _bound(nodes: Sequence[ast.stmt]) -> Iterator[str]:
    """The attributes a module has once it is loaded; `from ..parse import x` makes `parse` one."""
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                yield one.id
            elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield one.name
            elif isinstance(one, ast.Import | ast.ImportFrom):
                yield from (alias.asname or alias.name for alias in one.names)
                yield (getattr(one, "module", None) or "").rpartition(".")[2]
