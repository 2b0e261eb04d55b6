"""The repository as text and trees, read once. A tidy test asks here and compares with a rule."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SRC, APPS, DOCS = ROOT / "src" / "skylift", ROOT / "apps", ROOT / "docs"


class Module(NamedTuple):
    path: Path
    name: str  # as it is imported: skylift.local.table, hello.notes
    text: str
    tree: ast.Module

    def at(self, line: int) -> str:
        return f"{shown(self.path)}:{line}"


class Import(NamedTuple):
    line: int
    target: str  # the module imported, or the package when a name is taken from it
    is_typing: bool  # inside `if TYPE_CHECKING:`
    is_lazy: bool  # inside a function


@cache
def package() -> list[Module]:
    return [read(path, SRC.parent) for path in sorted(SRC.rglob("*.py"))]


@cache
def apps() -> list[Module]:
    """The modules of the apps, without their tests."""
    return [
        read(path, APPS)
        for path in sorted(APPS.rglob("*.py"))
        if "tests" not in path.relative_to(APPS).parts
    ]


def read(path: Path, home: Path) -> Module:
    parts = path.relative_to(home).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text("utf-8")
    return Module(path, name, text, ast.parse(text, str(path)))


@cache
def written() -> list[Path]:
    """Every file git keeps or would keep; where git cannot say, every file we did not make."""
    ask = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    git = shutil.which("git") and subprocess.run(ask, cwd=ROOT, capture_output=True, text=True)
    if git and git.returncode == 0:
        found = [ROOT / name for name in git.stdout.split("\0") if name]
    else:
        found = [path for path in sorted(ROOT.rglob("*")) if not is_made(path)]
    return [path for path in found if path.is_file()]


def is_made(path: Path) -> bool:
    made = {".git", ".venv", ".skylift", ".hypothesis", "__pycache__", "dist"}
    parts = path.relative_to(ROOT).parts
    return any(part in made or part.endswith("_cache") for part in parts)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(module: Module) -> Iterator[Import]:
    known = {other.name for other in (*package(), *apps())}
    for node, is_typing, is_lazy in _imports(module.tree.body, is_typing=False, is_lazy=False):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        else:
            base = _base(module, node)
            inner = [f"{base}.{alias.name}" for alias in node.names]
            targets = [name if name in known else base for name in inner]
        for target in dict.fromkeys(targets):
            yield Import(node.lineno, target, is_typing, is_lazy)


def _imports(
    nodes: Sequence[ast.AST], *, is_typing: bool, is_lazy: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, is_typing, is_lazy
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from _imports(node.body, is_typing=True, is_lazy=is_lazy)
            yield from _imports(node.orelse, is_typing=is_typing, is_lazy=is_lazy)
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            children = list(ast.iter_child_nodes(node))
            yield from _imports(children, is_typing=is_typing, is_lazy=is_lazy or inside)


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    up = node.level - (module.path.name == "__init__.py")
    return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])
