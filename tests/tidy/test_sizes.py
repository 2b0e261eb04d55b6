"""Files and functions stay small enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from statistics import median

from tests.tidy.source import Module, apps, package

FILE_LINES_MAX = 500
FILE_LINES_MEDIAN = 130
FUNCTION_LINES_MAX = 60
PARAMETERS_MAX = 5  # those that can be given by position
NESTING_MAX = 3
BLOCKS = (
    ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.Match
)


def lines_of(module: Module) -> int:
    return len(module.text.splitlines())


def functions() -> Iterator[tuple[Module, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for module in (*package(), *apps()):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield module, node


def test_no_file_is_long() -> None:
    sizes = {module.at(1): lines_of(module) for module in (*package(), *apps())}
    assert {place: size for place, size in sizes.items() if size > FILE_LINES_MAX} == {}


def test_the_median_file_is_short() -> None:
    sizes = [
        lines_of(module) for module in (*package(), *apps()) if module.path.name != "__init__.py"
    ]
    assert median(sizes) < FILE_LINES_MEDIAN


def test_no_function_is_long() -> None:
    sizes = {
        f"{module.at(node.lineno)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module, node in functions()
    }
    assert {place: size for place, size in sizes.items() if size > FUNCTION_LINES_MAX} == {}


def test_no_function_takes_many_parameters_by_position() -> None:
    wrong: list[str] = []
    for module, node in functions():
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        given = names[1:] if names[:1] in (["self"], ["cls"]) else names
        if len(given) > PARAMETERS_MAX:
            wrong.append(f"{module.at(node.lineno)} {node.name} takes {len(given)}")
    assert not wrong, "\n".join(wrong)


def test_no_function_is_nested_deeply() -> None:
    wrong = [
        f"{module.at(node.lineno)} {node.name}"
        for module, node in functions()
        if depth(node) > NESTING_MAX
    ]
    assert not wrong, "\n".join(wrong)


def depth(node: ast.AST) -> int:
    """How many blocks stand inside one another; an `elif` is no deeper than its `if`."""
    return max((_depth(node, child) for child in ast.iter_child_nodes(node)), default=0)


def _depth(node: ast.AST, child: ast.AST) -> int:
    if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
        return 0  # counted as a function of its own
    is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
    return depth(child) + (isinstance(child, BLOCKS) and not is_elif)
