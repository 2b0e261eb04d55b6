"""How long `skylift build` takes for an app of 50 functions, with nothing kept from before and with
nothing changed; and what hello's bundles weigh. Whole commands, the interpreter's start included.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Measured, Plan, Row, interleaved
from bench.session import ROOT

SKYLIFT = Path(sys.executable).with_name("skylift")
MODULES, ROUTES = 10, 4  # and a consumer in each module: 50 functions
COLD_S, UNCHANGED_S = 10.0, 2.0
MODULE = """
from skylift import Api, Queue, Struct, Table, new_id, transaction

from .words import counted


class Note(Struct):
    id: str
    text: str
    words: int | None = None


class NewNote(Struct):
    text: str


class CountWords(Struct):
    note_id: str


api = Api("{name}")
notes = Table("{name}-notes", Note, key="id")
counting = Queue("{name}-counting", CountWords)


@counting.consumer(attempts_max=5, timeout_s=30)
async def count(job: CountWords) -> None:
    note = await notes.require(job.note_id)
    await notes.update(note.id, set={{"words": counted(note.text)}})
"""
ROUTE = """

@api.post("/{name}/{no}", status=201)
async def write{no}(new: NewNote) -> Note:
    note = Note(new_id(), new.text)
    async with transaction() as tx:
        await notes.create(note, tx=tx)
        await counting.send(CountWords(note.id), tx=tx)
    return note
"""
WORDS = "def counted(text: str) -> int:\n    return len(text.split())\n"


def rows(plan: Plan) -> list[Row]:
    with TemporaryDirectory(prefix="bench-build-") as folder:
        app, state = write_app(Path(folder) / "large"), Path(folder) / "state"
        cold = interleaved(["cold"], plan.rounds, lambda _: _cold_s(app, state))
        kept = interleaved(["kept"], plan.rounds, lambda _: _build(app, state)[0])
        _, hello = _build(ROOT / "apps" / "hello", state)
    return [
        Row("build of 50 functions, cold", "s", cold["cold"], limit=COLD_S),
        Row("build of 50 functions, unchanged", "s", kept["kept"], limit=UNCHANGED_S),
        *(Row(f"hello's {name}, zip", "kB", Measured.of([size / 1000])) for name, size in hello),
    ]


def write_app(home: Path) -> Path:
    """Notes ten times over, each in a module of its own."""
    home.mkdir()
    names = [f"part{no}" for no in range(MODULES)]
    listed = ", ".join(names)
    text = f"from skylift import App\n\nfrom . import {listed}\n\napp = App('large', {listed})\n"
    (home / "app.py").write_text(text)
    (home / "words.py").write_text(WORDS)
    for name in names:
        routes = "".join(ROUTE.format(name=name, no=no) for no in range(ROUTES))
        (home / f"{name}.py").write_text(MODULE.format(name=name) + routes)
    return home


def _cold_s(app: Path, state: Path) -> float:
    """Nothing is kept from before."""
    shutil.rmtree(state, ignore_errors=True)
    return _build(app, state)[0]


def _build(app: Path, state: Path) -> tuple[float, list[tuple[str, int]]]:
    command = [str(SKYLIFT), "build", str(app), "--state", str(state), "--json"]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=True)
    took = time.perf_counter() - begun
    return took, [(one["name"], one["size"]) for one in json.loads(done.stdout)["functions"]]
