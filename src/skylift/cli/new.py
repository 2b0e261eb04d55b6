"""`skylift new NAME`: a small app that runs, to be changed into one's own."""

from __future__ import annotations

import argparse
import importlib.util
import keyword
import re
import sys
from pathlib import Path

from .load import UserError

TEMPLATES = Path(__file__).with_name("templates")
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the folder to make; its name is the app's")


def new(options: argparse.Namespace) -> int:
    folder = Path(options.name)
    refusal = _refusal(folder)
    if refusal is not None:
        raise UserError(refusal)
    try:
        _write(folder)
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}: {error.filename}") from error
    print(f"made {folder}: app.py is the map, tasks.py what it can do, README.md how to try it")
    print(f"next: skylift dev {folder}")
    return 0


def _write(folder: Path) -> None:
    folder.mkdir()
    words = {"{app}": folder.name.replace("_", "-"), "{folder}": folder.name}
    for template in sorted(TEMPLATES.glob("*.txt")):
        text = template.read_text("utf-8")
        for word, meant in words.items():
            text = text.replace(word, meant)
        (folder / template.stem).write_text(text, "utf-8")


def _refusal(folder: Path) -> str | None:
    """Why no app can be made there, and what to do."""
    name = folder.name
    if folder.exists() or folder.is_symlink():
        return f"{folder} exists already\n    hint: choose another name; nothing was touched"
    if not folder.parent.is_dir():
        return f"{folder.parent} is no folder\n    hint: make it first"
    if not NAME.fullmatch(name):
        return (
            f"{name!r} is no name for an app: it becomes a package, and names things on AWS\n"
            f"    hint: 1 to 32 of a-z, 0-9 and _, a letter first{_instead(name)}"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"{name!r} is a word of Python's own\n    hint: choose another name, as {name}_app"
    if name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None:
        return (
            f"{name!r} is the name of an installed module, which the app would hide\n"
            f"    hint: choose another name, as {name}_app"
        )
    return None


def _instead(name: str) -> str:
    near = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").lstrip("0123456789_")[:32]
    return f", as {near}" if NAME.fullmatch(near) else ""
