"""Names, docstrings and comments say one thing in one way."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.source import APPS, ROOT, SRC, apps, package, shown, written

# Such a word says that a thing exists, not what it is for.
EMPTY_WORDS = """
    Manager Managers Service Services Helper Helpers Util Utils Handler Handlers Base Impl Data Info
"""
EMPTY_FILES = """
    util utils helper helpers common misc shared base manager managers service services
"""
DOCSTRING_LINES_MAX = 6
DRAWN = {"skylift.errors"}  # it draws the tree of errors beside the reason
NOT_BEGUN = re.compile(r"\b(TODO|FIXME|XXX)\b")
WITH_AN_ISSUE = re.compile(r"\bTODO\(#\d+\): \S")


def test_class_names_hold_no_empty_words() -> None:
    wrong: list[str] = []
    for module in (*package(), *apps()):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                parts = set(re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", node.name))
                if parts & {*EMPTY_WORDS.split()}:
                    wrong.append(f"{module.at(node.lineno)} {node.name}")
    assert not wrong, "\n".join(wrong)


def test_no_file_or_folder_is_a_drawer() -> None:
    wrong = [
        shown(path)
        for path in written()
        if path.is_relative_to(SRC) or path.is_relative_to(APPS)
        if {path.stem, *path.relative_to(ROOT).parts[:-1]} & {*EMPTY_FILES.split()}
    ]
    assert not wrong, "\n".join(wrong)


def test_every_module_says_in_six_lines_why_it_exists() -> None:
    wrong: list[str] = []
    for module in package():
        said = ast.get_docstring(module.tree, clean=False)
        if said is None:
            wrong.append(f"{module.at(1)} says nothing")
        elif len(said.strip().splitlines()) > DOCSTRING_LINES_MAX and module.name not in DRAWN:
            wrong.append(f"{module.at(1)} says too much")
    assert not wrong, "\n".join(wrong)


def test_what_is_left_to_do_names_its_issue() -> None:
    wrong = [
        f"{shown(path)}:{line} {comment}"
        for path in written()
        if path.suffix == ".py"
        for line, comment in comments(path)
        if NOT_BEGUN.search(comment) and not WITH_AN_ISSUE.search(comment)
    ]
    assert not wrong, "\n".join(wrong)


def comments(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
