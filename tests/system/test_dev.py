"""`skylift dev` as its user sees it: an edit is answered, a mistake changes nothing."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.served import SKYLIFT, Served

PATIENCE_S = 5.0  # a loaded machine may take longer than the second the bench holds us to
APP = """\
from skylift import App

from . import things

app = App("edited", things)
"""
THINGS = """\
import asyncio

from skylift import Api, Struct, Table


class Thing(Struct):
    id: str


api = Api("api")
things = Table("things", Thing, key="id")


@api.put("/things/{id}")
async def put(id: str) -> Thing:
    await things.put(Thing(id))
    return Thing(id)


@api.get("/things/{id}")
async def read(id: str) -> Thing:
    return await things.require(id)


@api.get("/version")
async def version() -> str:
    return "first"


begun: list[bool] = []


@api.get("/begun")
async def has_begun() -> bool:
    return bool(begun)


@api.get("/slow")
async def slow() -> str:
    begun.append(True)
    await asyncio.sleep(0.8)
    return await version()
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "edited"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "things.py").write_text(THINGS)
    return folder


@pytest.fixture
def served(app: Path, tmp_path: Path) -> Iterator[Served]:
    with Served(app, tmp_path / "state", command="dev") as running:
        yield running


def ask(served: Served, method: str, path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def edit(app: Path, old: str, new: str) -> None:
    file = app / "things.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def eventually(served: Served, path: str, expected: object) -> None:
    until = time.monotonic() + PATIENCE_S
    while (got := ask(served, "GET", path)) != expected:
        assert time.monotonic() < until, got
        time.sleep(0.02)


def test_an_edit_is_answered_and_the_state_is_kept(served: Served, app: Path) -> None:
    assert ask(served, "PUT", "/things/a") == (200, {"id": "a"})
    assert ask(served, "GET", "/version") == (200, "first")
    edit(app, '"first"', '"other"')  # as long as the old text: no stale bytecode may answer
    eventually(served, "/version", (200, "other"))
    assert ask(served, "GET", "/things/a") == (200, {"id": "a"})


def test_a_syntax_error_keeps_the_old_code_answering(served: Served, app: Path) -> None:
    edit(app, 'return "first"', 'return "first')
    time.sleep(0.3)  # an absence can only be waited for
    assert ask(served, "GET", "/version") == (200, "first")
    edit(app, 'return "first', 'return "mended"  # ')
    eventually(served, "/version", (200, "mended"))


def test_a_mistake_in_a_declaration_keeps_the_old_code_answering(served: Served, app: Path) -> None:
    edit(app, 'key="id"', 'key="idd"')
    time.sleep(0.3)
    assert ask(served, "GET", "/version") == (200, "first")
    assert ask(served, "PUT", "/things/a") == (200, {"id": "a"})


def test_a_new_route_and_a_new_table_need_no_restart(served: Served, app: Path) -> None:
    (app / "more.py").write_text(
        "from skylift import Struct, Table\n\n\nclass More(Struct):\n    id: str\n\n\n"
        'more = Table("more", More, key="id")\n'
    )
    edit(
        app,
        "class Thing(Struct)",
        "from .more import More, more\n\n\nclass Thing(Struct)",
    )
    edit(
        app,
        '@api.get("/version")',
        '@api.get("/more")\nasync def add() -> More:\n    await more.put(More("m"))\n'
        '    return await more.require("m")\n\n\n@api.get("/version")',
    )
    eventually(served, "/more", (200, {"id": "m"}))


def test_a_request_under_way_finishes_on_the_old_code(served: Served, app: Path) -> None:
    answers: list[tuple[int, Any]] = []
    asking = threading.Thread(target=lambda: answers.append(ask(served, "GET", "/slow")))
    asking.start()
    eventually(served, "/begun", (200, True))
    edit(app, '"first"', '"other"')
    eventually(served, "/version", (200, "other"))
    assert not answers, "the reload came too late to prove anything"
    asking.join()
    assert answers == [(200, "first")]


INDEXED = """\
from skylift import Api, Struct, Table


class Thing(Struct):
    id: str
    owner: str = "me"


api = Api("api")
things = Table("things", Thing, key="id", indexes={"by_owner": ("owner", "id")})
others = Table("others", Thing, key="id")


@api.put("/things/{id}")
async def put(id: str) -> list[Thing]:
    await others.put(Thing(id))
    await things.put(Thing(id))
    return (await things.page("me", index="by_owner")).items
"""


def test_a_reload_that_is_refused_changes_no_table(app: Path, tmp_path: Path) -> None:
    (app / "things.py").write_text(INDEXED)
    with Served(app, tmp_path / "state", command="dev") as served:
        text = INDEXED.replace('"others", Thing, key="id"', '"others", Thing, key=("id", "owner")')
        text = text.replace(', indexes={"by_owner": ("owner", "id")}', "")
        (app / "things.py").write_text(text)
        time.sleep(0.3)  # an absence can only be waited for
        assert ask(served, "PUT", "/things/a") == (200, [{"id": "a", "owner": "me"}])


ANOTHER_API = """

other = Api("other")


@other.get("/y")
async def y() -> str:
    return "y"
"""


def port_behind_a_free_one() -> socket.socket:
    while True:
        taken = socket.create_server(("127.0.0.1", 0))
        try:
            socket.create_server(("127.0.0.1", taken.getsockname()[1] - 1)).close()
        except OSError:
            taken.close()
        else:
            return taken


def test_a_new_api_whose_port_is_taken_is_told_and_the_next_edit_counts(
    app: Path, tmp_path: Path
) -> None:
    with port_behind_a_free_one() as taken:
        port = taken.getsockname()[1] - 1
        with Served(app, tmp_path / "state", f"--port={port}", command="dev") as served:
            with (app / "things.py").open("a") as file:
                file.write(ANOTHER_API)
            time.sleep(0.3)
            assert ask(served, "GET", "/version") == (200, "first")
            taken.close()
            edit(app, '"first"', '"other"')
            eventually(served, "/version", (200, "other"))


def test_an_app_that_takes_another_name_keeps_its_state_and_its_code(
    served: Served, app: Path
) -> None:
    renamed = (app / "app.py").read_text().replace('"edited"', '"renamed"')
    (app / "app.py").write_text(renamed)
    edit(app, '"first"', '"other"')
    time.sleep(0.3)
    assert ask(served, "GET", "/version") == (200, "first")


def test_ctrl_c_ends_an_import_that_hangs(app: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    text = f'open({str(begun)!r}, "w").close()\nimport time\ntime.sleep(60)\n'
    (app / "things.py").write_text(text)
    command = [SKYLIFT, "dev", str(app), "--port=0", f"--state={tmp_path / 'state'}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        until = time.monotonic() + PATIENCE_S
        while not begun.exists() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130


def test_two_apps_in_folders_of_one_name_are_refused(app: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / app.name
    shutil.copytree(app, other)
    done = subprocess.run([SKYLIFT, "dev", app, other], capture_output=True, text=True)
    assert done.returncode == 2
    assert "hint: rename one of the folders" in done.stderr
