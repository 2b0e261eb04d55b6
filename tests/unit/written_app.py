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
OFFICE = Path(__file__).with_name("office.txt")  # queues, dead letters and circles
_NUMBERS = count()
CLOCKS = """
from skylift import Api, Context, Schedule, Scheduled, now

api = Api("api")
nightly = Schedule("nightly", cron="30 3 * * MON-FRI", timezone="Europe/Madrid")
beat = Schedule("beat", rate="5 minutes")

@nightly.run(once=True)
async def sweep(context: Context) -> None: ...

@beat.run
async def tick() -> None:
    await sweep.start(Scheduled(now()))

@api.post("/now")
async def sweep_now() -> None:
    await sweep.start(Scheduled(now()))
"""


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


STATEMENTS = {
    "get": "{table}.get(key)",
    "require": "{table}.require(key)",
    "get_many": "{table}.get_many([(key,)])",
    "put": "{table}.put(Item(key))",
    "put_many": "{table}.put_many([Item(key)])",
    "create": "{table}.create(Item(key), tx=tx)",
    "update": '{table}.update(key, set={{"state": "seen"}}, if_=attr("state") != "closed", tx=tx)',
    "delete": "{table}.delete(key, tx=tx)",
    "delete_many": "{table}.delete_many([(key,)])",
    "check": '{table}.check(key, if_=attr("state") == "open", tx=tx)',
    "page": "{table}.page(key)",
    "query": "first({table}.query(key))",
    "scan": "first({table}.scan(limit=1))",
}


def shop(times: int = 1) -> str:
    """25 functions on 8 tables, as a shop would have them; again under other paths if wanted."""
    routes = [line.split(None, 4) for line in SHOP.read_text("utf-8").splitlines()]
    tables = {grant.split()[0] for *_, grants in routes for grant in grants.split("; ")}
    lines = [SHOP_HEAD, *(f'{name} = Table("{name}", Item, key="id")' for name in sorted(tables))]
    for no in range(times):
        prefix, path = (f"again{no}_", f"/again{no}") if no else ("", "")
        lines += [line for route in routes for line in _function(route, prefix, path)]
    return "\n".join(lines)


SHOP_HEAD = """
from skylift import Api, Struct, Table, attr, new_id, transaction


class Item(Struct):
    id: str
    state: str = "open"


async def first(items):
    async for item in items:
        return item


shop = Api("shop")
office = Api("back-office")
"""


def _function(route: list[str], prefix: str, above: str) -> Iterator[str]:
    name, api, method, path, grants = route
    parameters = [part.strip("{}+") for part in path.split("/") if "{" in part]
    yield f'\n\n@{api}.{method.lower()}("{above}{path}")'
    yield f"async def {prefix}{name}({', '.join(f'{one}: str' for one in parameters)}) -> None:"
    yield f"    key = {parameters[0] if parameters else 'new_id()'}"
    yield "    async with transaction() as tx:"
    for table, *verbs in map(str.split, grants.split("; ")):
        for verb in verbs:
            yield f"        await {STATEMENTS[verb].format(table=table)}"
