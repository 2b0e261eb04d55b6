"""What it costs to import us, and how long after the change of a file `dev` answers with new code.
The peer reloads with uvicorn's own `--reload`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.contender import Contender, Running, answer, asked, started
from bench.figure import Plan, Row, interleaved
from bench.peers.lineup import FASTAPI, OURS, skylift, uvicorn
from bench.session import ROOT

RELOAD_S = 1.0
RELOAD_S_MAX = 20.0
LOOK_S = 0.002
IMPORTS = {
    "import skylift": "import skylift",
    "what a function imports": "from skylift import Api, Struct, Table, transaction, new_id",
    "msgspec alone": "import msgspec",
    "FastAPI alone": "import fastapi",
}


def rows(plan: Plan) -> list[Row]:
    return [*_import_rows(plan), _reload_row(plan)]


# -- imports


def _import_rows(plan: Plan) -> list[Row]:
    found = interleaved(list(IMPORTS), plan.rounds + 2, _import_ms)
    peers = {"msgspec": found["msgspec alone"], "FastAPI": found["FastAPI alone"]}
    return [
        Row("import skylift, CPU", "ms", found["import skylift"]),
        Row("a function's imports, CPU", "ms", found["what a function imports"], peers),
    ]


def _import_ms(name: str) -> float:
    """CPU it takes in a fresh interpreter."""
    code = (
        "import time; begun = time.process_time(); "
        f"{IMPORTS[name]}; print((time.process_time() - begun) * 1e3)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    return float(said.stdout)


# -- reload


def _reload_row(plan: Plan) -> Row:
    with (
        TemporaryDirectory(prefix="bench-reload-") as folder,
        _editable(OURS, Path(folder)) as ours,
        _editable(FASTAPI, Path(folder)) as peer,
    ):
        versions = iter(range(1, 1_000_000))
        running = {OURS: ours, FASTAPI: peer}
        found = interleaved(
            list(running),
            plan.rounds,
            lambda name: _reloaded_s(*running[name], version=next(versions)),
        )
    return Row("edit to new answer", "s", found[OURS], {FASTAPI: found[FASTAPI]}, RELOAD_S)


SOURCES = {
    OURS: (
        "from skylift import Api\n\napi = Api('api')\n\n\n"
        "@api.get('/version')\nasync def version() -> dict[str, int]:\n    return {'version': 0}\n"
    ),
    FASTAPI: (
        "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        "@app.get('/version')\nasync def version() -> dict[str, int]:\n    return {'version': 0}\n"
    ),
}
APP = "from skylift import App\n\nfrom . import routes\n\napp = App('edited', routes)\n"


@contextmanager
def _editable(name: str, folder: Path) -> Generator[tuple[Running, Path]]:
    """A contender that reloads, and the file to edit."""
    place = folder / ("edited" if name == OURS else "edited_peer")
    place.mkdir()
    file = place / "routes.py"
    file.write_text(SOURCES[name])
    if name == OURS:
        (place / "app.py").write_text(APP)
        contender = skylift("dev", str(place))
    else:
        contender = _reloading_uvicorn(place)
    with started(contender) as running:
        yield running, file
    shutil.rmtree(place)


def _reloading_uvicorn(place: Path) -> Contender:
    plain = uvicorn(FASTAPI, "routes:app", "--reload", "--app-dir", str(place))

    def said(port: int, folder: Path) -> Sequence[str]:
        return [*plain.command(port, folder), "--reload-dir", str(place)]

    return Contender(FASTAPI, said, "/version")


def _reloaded_s(running: Running, file: Path, version: int) -> float:
    text = file.read_text()
    start = text.index("'version': ")
    edited = text[:start] + f"'version': {version}}}\n"
    request, wanted = asked("GET", "/version"), str(version).encode()
    time.sleep(0.3)  # an edit comes to a watcher at rest
    begun = time.perf_counter()
    file.write_text(edited)
    while time.perf_counter() < begun + RELOAD_S_MAX:
        body = answer(running.port, request).partition(b"\r\n\r\n")[2]
        if body.replace(b" ", b"") == b'{"version":' + wanted + b"}":
            return time.perf_counter() - begun
        time.sleep(LOOK_S)
    raise RuntimeError(f"{running.name} did not reload within {RELOAD_S_MAX:g} s")
