"""Apps written into a folder, as an author would write them, and loaded by the public door."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from textwrap import dedent

from skylift.cli.load import load, source_of
from skylift.graph.model import Graph

SHOP = Path(__file__).with_name("shop.txt")
_NUMBERS = count()


def written(folder: Path, source: str, *, app: str = 'App("written", things)', **more: str) -> Path:
    """An app whose module `things` has this source, beside more modules by name. Its folder has a
    new name each time.
    """
    home = folder / f"written{next(_NUMBERS)}"
    home.mkdir()
    modules = {"things": source} | more
    for name, text in modules.items():
        (home / f"{name}.py").write_text(dedent(text), "utf-8")
    imports = f"from skylift import App\nfrom . import {', '.join(modules)}\n"
    (home / "app.py").write_text(f"{imports}\napp = {app}\n", "utf-8")
    return home


@contextmanager
def loaded(home: Path) -> Iterator[Graph]:
    """Its graph; afterwards the interpreter knows nothing of it."""
    path, modules = list(sys.path), set(sys.modules)
    try:
        yield load(source_of(str(home)))
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if name.split(".")[0] == home.name:
                del sys.modules[name]


def shop() -> str:
    """25 functions on 8 tables, as a shop would have them."""
    routes = [line.split(None, 4) for line in SHOP.read_text("utf-8").splitlines()]
    tables = {grant.split()[0] for *_, grants in routes for grant in grants.split("; ")}
    lines = ["from skylift import Api, Struct, Table", "class Item(Struct):", "    id: str"]
    lines += ['shop = Api("shop")', 'office = Api("back-office")']
    lines += [f'{name} = Table("{name}", Item, key="id")' for name in sorted(tables)]
    for name, api, method, path, grants in routes:
        parameters = ", ".join(f"{one.strip('{}+')}: str" for one in path.split("/") if "{" in one)
        lines += [f'@{api}.{method.lower()}("{path}")', f"async def {name}({parameters}) -> None:"]
        for table, *verbs in map(str.split, grants.split("; ")):
            lines += [f"    {table}.{verb}" for verb in verbs]
    return "\n".join(lines)
