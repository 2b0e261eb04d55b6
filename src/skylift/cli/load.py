"""Finding an app by its name on the command line, importing it, and importing it again when it
changed.
"""

from __future__ import annotations

import importlib
import importlib.util
import linecache
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ..app import App
from ..codec.known import forget
from ..errors import DeclarationError, did_you_mean
from ..graph.build import build
from ..graph.collect import modules_of
from ..graph.model import Graph
from .remembered import Remembered, digest

TAKEN = sys.stdlib_module_names | {"skylift"}
OURS = f"{Path(__file__).parent.parent}{os.sep}"
MANY = 40  # functions, which take a second to read
INSTALLED = frozenset(["site-packages", "dist-packages"])  # folders of a venv, wherever that is


class UserError(Exception):
    """A user's mistake: what is wrong and what next. Printed without a stack trace."""


@dataclass(frozen=True)
class Source:
    """Where an app's code is: `hello.app:app`, found with `root` on the path; `folder` is what may
    change.
    """

    module: str
    attribute: str | None
    root: Path
    folder: Path

    @property
    def package(self) -> str:
        return self.module.rpartition(".")[0] or self.module

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


def source_of(said: str) -> Source:
    """APP: a folder with app.py, or package.module:attribute."""
    folder = Path(said)
    if ":" in said and not folder.exists():
        return _named(said)
    if folder.name == "app.py":
        folder = folder.parent
    folder = folder.resolve()
    if not (folder / "app.py").is_file():
        raise UserError(
            f"{said}: there is no app.py in it\n    hint: name a folder with app.py, "
            "or package.module:attribute; `skylift new NAME` makes one"
        )
    if not folder.name.isidentifier():
        raise UserError(
            f"{said}: {folder.name!r} cannot be imported\n"
            "    hint: name the folder with letters, digits and _"
        )
    if folder.name in TAKEN:
        raise UserError(
            f"{said}: Python has a module {folder.name!r} of its own\n    hint: rename the folder"
        )
    return Source(f"{folder.name}.app", None, folder.parent, folder)


def _named(said: str) -> Source:
    module, _, attribute = said.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), attribute]):
        raise UserError(
            f"{said}: that names no App\n    hint: name it as in package.module:attribute"
        )
    root = Path.cwd()
    top = root / module.split(".")[0]
    folder = top if top.is_dir() else root
    return Source(module, attribute, root, folder)


def load(source: Source, remembered: Path | None = None) -> Graph:
    """Import the app afresh and build its graph, with what was read before from the folder that is
    said. On any failure the modules imported before stay as they were.
    """
    before = _own(source)
    for name in before:
        del sys.modules[name]
    forget()
    importlib.invalidate_caches()
    linecache.checkcache()
    try:
        app = _imported(source)
        if remembered is None:
            return build(app)
        file = remembered / f"{source.top}-{digest(str(source.folder))[:16]}.json"
        known = Remembered(file, _written(source))
        if known.new >= MANY:
            told = f"reading what {known.new} functions may do: the next start remembers it"
            print(told, file=sys.stderr, flush=True)
        try:
            return build(app, known.read)
        finally:
            known.keep()  # of an app with mistakes, too: the rest of it is as it was
    except BaseException:
        for name in _own(source):
            del sys.modules[name]
        sys.modules.update(before)
        raise


def _written(source: Source) -> dict[str, ModuleType]:
    """The author's modules that stand in a file of their own."""
    own = _own(source).items()
    return {name: one for name, one in own if (one.__file__ or "").endswith(".py")}


def _own(source: Source) -> dict[str, ModuleType]:
    """The author's modules. What is installed is not, though its venv may stand inside the folder;
    nor is skylift, though its checkout may: two of it in one process know nothing of each other.
    """
    top, inner, home = source.top, f"{source.top}.", f"{source.folder}{os.sep}"

    def is_own(name: str, file: str) -> bool:
        if file.startswith(OURS):
            return False
        if name == top or name.startswith(inner):
            return True
        return file.startswith(home) and INSTALLED.isdisjoint(Path(file[len(home) :]).parts)

    modules = sys.modules.items()
    return {name: one for name, one in modules if is_own(name, getattr(one, "__file__", "") or "")}


def _imported(source: Source) -> App:
    root = str(source.root)
    if root not in sys.path:
        sys.path.insert(0, root)
    try:
        app = _app_in(importlib.import_module(source.module), source)
        modules_of(app)  # of a package, those in it are imported here: they are the author's too
        return app
    except (DeclarationError, UserError):
        raise
    except SyntaxError as error:
        line = (error.text or "").rstrip()
        raise UserError(
            f"{error.filename}:{error.lineno}: {error.msg}\n    {line.strip()}"
        ) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: no module of an app may end the command
        raise UserError(_told(source, error)) from error


def _app_in(module: ModuleType, source: Source) -> App:
    if source.attribute is not None:
        app = getattr(module, source.attribute, None)
        if not isinstance(app, App):
            known = [name for name, value in vars(module).items() if isinstance(value, App)]
            elsewhere = f"name the module that makes it, as in {source.module}.app:app"
            hint = did_you_mean(source.attribute, known) if known else elsewhere
            raise UserError(
                f"{source.module} has no App named {source.attribute!r}\n    hint: {hint}"
            )
        return app
    apps = [value for value in vars(module).values() if isinstance(value, App)]
    if len(apps) != 1:
        raise UserError(
            f"{module.__file__}: holds {len(apps)} Apps, one is needed\n"
            f'    hint: write app = App("{source.package}", ...)'
        )
    return apps[0]


def _told(source: Source, error: BaseException) -> str:
    """An error while importing, with the author's own frames."""
    if isinstance(error, ModuleNotFoundError) and error.name == source.top:
        return f"{source.module}: there is no module {error.name!r} in {source.root}"
    if isinstance(error, ModuleNotFoundError) and error.name == source.module:
        spec = importlib.util.find_spec(source.top)
        found = list(spec.submodule_search_locations or [spec.origin]) if spec else []
        if found and str(source.folder) not in found:
            return (
                f"{source.folder}: Python finds the name {source.top!r} at {found[0]} before it\n"
                "    hint: rename the folder"
            )
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((OURS, "<frozen"))
        and not frame.filename.endswith("importlib/__init__.py")
    ]
    return f"{type(error).__name__}: {error}\n" + "".join(traceback.format_list(frames)).rstrip()
