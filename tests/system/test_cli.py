"""The commands that only read, and `new`, as a person at a terminal meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import apsw
import msgspec
import pytest

import skylift
from skylift.cli.main import main
from tests.served import SKYLIFT, Served
from tests.unit.written_app import written

ROOT = Path(__file__).parents[2]
HELLO = ROOT / "apps" / "hello"
NOISY = 'print("on standard output")\nfrom skylift import Api\napi = Api("api")\n'
QUIET_S = 1.5  # after a request its messages are handled and its telemetry is written
WRONG = 'from skylift import Api\napi = Api("my api")\nother = Api("")\n'


def run(*said: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [SKYLIFT, *map(str, said)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def reading(*said: str | Path, cwd: Path = ROOT) -> str:
    """What a command prints that has nothing to complain about."""
    done = run(*said, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below, with its size and when it was written."""
    files = [folder, *folder.rglob("*")] if folder.exists() else []
    return {str(one): (one.stat().st_size, one.stat().st_mtime_ns) for one in files}


# -- graph and routes


def test_graph_is_text_by_default() -> None:
    told = reading("graph", "apps/hello")
    assert told.startswith("hello  apps/hello/app.py:")
    assert "notes.write  api       POST /notes" in told
    assert "PUBLIC" in told
    assert told.endswith("3 functions, 0 with uses=\n")
    assert "\x1b" not in told


def test_graph_as_json_is_one_document() -> None:
    graph = json.loads(reading("graph", "apps/hello", "--json"))
    assert graph["app"] == "hello"
    assert {"kind": "table", "name": "notes"}.items() <= graph["resources"][1].items()
    assert str(ROOT) not in json.dumps(graph)


def test_graph_as_a_chart_and_as_a_picture() -> None:
    assert reading("graph", "apps/hello", "--mermaid").startswith("flowchart LR\n")
    assert ElementTree.fromstring(reading("graph", "apps/hello", "--svg")).tag.endswith("svg")


@pytest.mark.parametrize("command", ["graph", "routes", "doctor"])
def test_what_an_app_prints_does_not_stand_in_the_json(command: str, tmp_path: Path) -> None:
    done = run(command, written(tmp_path, NOISY), "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)
    assert "on standard output" in done.stderr


def test_routes_say_method_path_status_function_and_parameters() -> None:
    lines = reading("routes", "apps/hello").splitlines()
    assert lines[0] == "api"
    assert lines[2].split() == [
        "POST",
        "/notes",
        "201",
        "PUBLIC",
        "notes.write",
        "body:",
        "NewNote",
    ]
    routes = json.loads(reading("routes", "apps/hello", "--json"))["routes"]
    assert routes[1] == {
        "api": "api",
        "method": "GET",
        "path": "/notes/{id}",
        "status": 200,
        "function": "notes.read",
        "parameters": [{"name": "id", "in": "path", "type": "str", "required": True}],
        "public": True,
    }


@pytest.mark.parametrize(
    ("app", "told"),
    [
        ("apps/hello", "api, PUBLIC  (description: "),
        ("tests/apps/club", "api  (description: "),
        ("tests/apps/lounge", "web, PUBLIC  (description: "),
        ("apps/trinity", "web  (description: "),
    ],
)
def test_who_starts_an_app_is_told_whether_it_is_public(
    app: str, told: str, tmp_path: Path
) -> None:
    with Served(ROOT / app, tmp_path / "state") as served:
        assert f"  {told}http://127.0.0.1:{served.port}/_skylift/)\n" in served.announced


def test_an_app_without_routes_says_so(tmp_path: Path) -> None:
    assert reading("routes", written(tmp_path, "")) == "written has no routes\n"


@pytest.mark.parametrize("command", ["graph", "routes", "doctor"])
def test_mistakes_are_exit_code_2_without_a_stack_trace(command: str, tmp_path: Path) -> None:
    home = written(tmp_path, WRONG)
    plain, as_json = run(command, home, cwd=tmp_path), run(command, home, "--json", cwd=tmp_path)
    assert (plain.returncode, as_json.returncode) == (2, 2)
    told = plain.stdout + plain.stderr
    assert "Traceback" not in told + as_json.stderr
    assert "api name 'my api': AWS would refuse it" in told
    assert "api name ''" in told
    assert "my api" in json.dumps(json.loads(as_json.stdout))


BROKEN = {
    "a syntax error": ("x = (", "things.py:1: '(' was never closed"),
    "an error at import": ("1 / 0", "ZeroDivisionError"),
    "a module that is not there": ("import nowhere_at_all", "No module named 'nowhere_at_all'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_code_that_cannot_be_imported_is_shown_and_no_more(name: str, tmp_path: Path) -> None:
    source, told = BROKEN[name]
    done = run("graph", written(tmp_path, source))
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "skylift/cli" not in done.stderr


def test_an_app_that_is_not_there_is_told_with_what_next(tmp_path: Path) -> None:
    done = run("graph", tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no app.py in it" in done.stderr
    assert "skylift new NAME" in done.stderr


@pytest.mark.parametrize("said", ["nowhere:app", ":app", "..:app", "a-b:app", "json:app", "json:"])
def test_a_module_that_holds_no_app_is_told_with_what_next(said: str, tmp_path: Path) -> None:
    done = run("graph", said, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said.rstrip(":").partition(":")[0] in done.stderr
    assert "Error" not in done.stderr


def test_a_package_that_holds_no_app_is_told_where_one_may_be(tmp_path: Path) -> None:
    home = written(tmp_path, "")
    done = run("graph", f"{home.name}:app", cwd=tmp_path)
    assert done.returncode == 2
    assert f"as in {home.name}.app:app" in done.stderr


def test_an_app_that_an_installed_package_hides_is_told_so(tmp_path: Path) -> None:
    home = written(tmp_path, "").rename(tmp_path / "pytest")
    done = run("graph", home)
    assert done.returncode == 2
    assert "Python finds the name 'pytest' at" in done.stderr
    assert "hint: rename the folder" in done.stderr


def test_an_environment_inside_the_folder_of_the_app_is_not_the_authors(tmp_path: Path) -> None:
    """As after `python -m venv env; env/bin/pip install skylift`."""
    home = written(tmp_path, "")
    packages = home / "env" / "lib" / "site-packages"
    packages.mkdir(parents=True)
    for one in (skylift, msgspec):
        assert one.__file__ is not None
        (packages / one.__name__).symlink_to(Path(one.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-m", "skylift.cli.main", "graph", "."],
        env={**os.environ, "PYTHONPATH": str(packages)},
        cwd=home,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_empty_host_is_refused_as_it_would_mean_every_address(tmp_path: Path) -> None:
    done = run("serve", HELLO, "--host", "", "--state", tmp_path)
    assert done.returncode == 2
    assert "0.0.0.0 is every address" in done.stderr


# -- doctor


def findings(*said: str | Path, cwd: Path = ROOT) -> dict[str, dict[str, Any]]:
    """What doctor says of each subject; its exit code agrees with it."""
    done = run("doctor", *said, "--json", cwd=cwd)
    found = json.loads(done.stdout)
    assert done.returncode == (0 if found["sound"] else 2)
    assert found["sound"] == all(one["verdict"] != "wrong" for one in found["findings"])
    return {one["subject"]: one for one in found["findings"]}


@contextmanager
def untouched(state: Path) -> Iterator[None]:
    before = snapshot(state)
    yield
    assert snapshot(state) == before


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The root of a state that hello has written to and let go."""
    root = tmp_path / "state"
    with Served(HELLO, root) as served:
        write_notes(served)
        served.terminate()
    return root


def write_notes(served: Served, count: int = 50) -> None:
    connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
    for no in range(count):
        body = json.dumps({"text": f"note {no} " * 50})
        connection.request("POST", "/notes", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        answer.read()
    connection.close()


def test_doctor_finds_nothing_wrong_where_nothing_ran_yet(tmp_path: Path) -> None:
    found = findings(HELLO, cwd=tmp_path)
    assert {one["verdict"] for one in found.values()} == {"ok"}
    expected = {"python", "sqlite", "watchfiles", "uvloop", "clock"}
    assert expected | {"code", "folder", "disk"} == set(found)
    assert found["folder"]["found"] == "made at the first start"
    assert list(tmp_path.iterdir()) == []
    assert "nothing is wrong" in reading("doctor", HELLO, cwd=tmp_path)


def test_doctor_reads_a_state_nobody_runs_on(state: Path) -> None:
    with untouched(state):
        found = findings("--state", state)
    assert {one["verdict"] for one in found.values()} == {"ok"}
    assert found["owner"]["found"] == "nobody: it is not running"
    assert found["version"]["found"] == "1"
    assert found["integrity"]["found"] == "every page is sound"


def test_doctor_reads_a_state_beside_the_process_that_owns_it(tmp_path: Path) -> None:
    with Served(HELLO, tmp_path / "state") as served:
        write_notes(served)
        time.sleep(QUIET_S)
        with untouched(tmp_path / "state"):
            found = findings(HELLO, "--state", tmp_path / "state")
        write_notes(served)  # it went on undisturbed
        assert served.terminate() == 0
    assert {one["verdict"] for one in found.values()} == {"ok"}
    owner = f"hello at http://127.0.0.1:{served.port}, running"
    assert found["owner"]["found"] == owner
    assert not found["size"]["found"].endswith(" 0 bytes of write-ahead log")


def test_doctor_reads_what_a_killed_process_left(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Served(HELLO, state) as served:
        write_notes(served)
        served.kill()
    with untouched(state):
        found = findings("--state", state)
    assert found["owner"]["found"] == "nobody: it is not running"
    assert found["integrity"]["found"] == "every page is sound"
    (state / "hello" / "state.db-shm").unlink()  # a copy made without it
    with untouched(state):
        found = findings("--state", state)
    assert found["integrity"]["verdict"] == "hint"
    assert "start the app" in found["integrity"]["remedy"]


def test_doctor_finds_damaged_pages(state: Path) -> None:
    file = state / "hello" / "state.db"
    content = bytearray(file.read_bytes())
    content[2 * 4096 : 2 * 4096 + 2000] = b"\xaa" * 2000
    file.write_bytes(content)
    with untouched(state):
        found = findings("--state", state)
    wrong = [one for one in found.values() if one["verdict"] == "wrong"]
    assert len(wrong) == 1
    assert "restore a copy" in wrong[0]["remedy"]


def test_doctor_finds_a_file_that_is_no_database(state: Path) -> None:
    (state / "hello" / "state.db").write_bytes(b"not a database" * 1000)
    found = findings("--state", state)
    assert found["file"]["verdict"] == "wrong"
    assert "is damaged" in found["file"]["found"]
    assert found["file"]["remedy"]


CHANGED = {
    "user_version=99": ("state version 99, this skylift knows 1", "newer skylift"),
    "application_id=7": ("is no state of skylift's", ""),
}


@pytest.mark.parametrize("pragma", CHANGED)
def test_doctor_finds_a_state_of_others(pragma: str, state: Path) -> None:
    connection = apsw.Connection(str(state / "hello" / "state.db"))
    connection.execute(f"PRAGMA {pragma}")
    connection.close()
    found = findings("--state", state)
    told, remedy = CHANGED[pragma]
    assert found["file"]["verdict"] == "wrong"
    assert told in found["file"]["found"]
    assert remedy in found["file"]["remedy"]


def test_doctor_finds_a_clock_that_went_back(state: Path) -> None:
    file = state / "hello" / "state.db"
    ahead = file.stat().st_mtime + 86_400
    os.utime(file, (ahead, ahead))
    done = run("doctor", "--state", state)
    assert done.returncode == 2
    assert "which is yet to come" in done.stdout
    assert "hint: the clock went back: set it" in done.stdout


def test_doctor_finds_a_file_where_the_state_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    found = findings(HELLO, "--state", tmp_path / "state")
    assert found["folder"]["verdict"] == "wrong"
    assert "is no folder" in found["folder"]["found"]


@contextmanager
def unprivileged() -> Iterator[None]:
    """Permissions do not bind root, so for a moment the test is nobody."""
    if os.geteuid():
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("mode", "told"), [(0o555, "cannot be written"), (0o000, "Permission denied")]
)
def test_doctor_finds_a_folder_it_may_not_use(
    mode: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with TemporaryDirectory() as root:
        Path(root).chmod(0o755)
        folder = Path(root, "hello")
        folder.mkdir()
        (folder / "state.db").touch()
        main(["doctor", "--state", root])  # what it imports, root may have to read
        capsys.readouterr()
        folder.chmod(mode)
        with unprivileged():
            assert main(["doctor", str(HELLO), "--state", root]) == 2
        folder.chmod(0o755)
    printed = capsys.readouterr().out
    assert told in printed
    assert "hint: check" in printed


def test_doctor_mentions_a_state_that_others_may_read(state: Path) -> None:
    (state / "hello").chmod(0o755)
    found = findings("--state", state)
    assert found["folder"]["verdict"] == "hint"
    assert "chmod 700" in found["folder"]["remedy"]


def test_doctor_mentions_resources_no_function_reaches(tmp_path: Path) -> None:
    source = "from skylift import Api, Struct, Table\nclass Item(Struct):\n    id: str\n"
    home = written(tmp_path, source + 'drafts = Table("drafts", Item, key="id")\n')
    found = findings(home, cwd=tmp_path)
    assert found["unused"]["verdict"] == "hint"
    assert "table 'drafts'" in found["unused"]["found"]


def test_doctor_mentions_queues_whose_messages_nobody_takes(tmp_path: Path) -> None:
    source = (
        "from skylift import Api, Queue, Struct\nclass Job(Struct):\n    id: str\n"
        'api = Api("api")\njobs = Queue("jobs", Job)\n'
        '@api.post("/jobs")\nasync def send(job: Job) -> None:\n    await jobs.send(job)\n'
    )
    found = findings(written(tmp_path, source), cwd=tmp_path)
    assert found["consumer"]["verdict"] == "hint"
    assert "queue 'jobs'" in found["consumer"]["found"]
    assert "@jobs.consumer" in found["consumer"]["remedy"]


# -- new


def test_a_new_app_passes_the_checks_and_says_what_is_next(tmp_path: Path) -> None:
    told = reading("new", "first_app", cwd=tmp_path)
    assert "next: skylift dev first_app" in told
    assert (tmp_path / "first_app" / "README.md").is_file()
    assert json.loads(reading("graph", "first_app", "--json", cwd=tmp_path))["app"] == "first-app"
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    (tmp_path / "ruff.toml").write_text(f'extend = "{ROOT / "pyproject.toml"}"')
    quiet = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    for tool in (
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["pyright", "--pythonpath", sys.executable],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *tool], cwd=tmp_path, env=quiet, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_app_runs(tmp_path: Path) -> None:
    reading("new", "first_app", cwd=tmp_path)
    with Served(tmp_path / "first_app", tmp_path / "state") as served:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
        headers = {"content-type": "application/json"}
        connection.request("POST", "/boards/home/tasks", '{"text": "water the plants"}', headers)
        task = json.loads(connection.getresponse().read())
        connection.request("POST", f"/boards/home/tasks/{task['id']}/done")
        assert json.loads(connection.getresponse().read()) == task | {"done": True}
        connection.request("GET", "/boards/home/tasks")
        assert json.loads(connection.getresponse().read())["items"] == [task | {"done": True}]
        connection.request("DELETE", f"/boards/home/tasks/{task['id']}")  # not tidied up yet
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 204
        connection.request("POST", f"/boards/home/tasks/{task['id']}/done")
        assert connection.getresponse().status == 404
        connection.close()


def test_a_new_app_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.py").write_text("precious")
    with untouched(tmp_path):
        done = run("new", "shop", cwd=tmp_path)
    assert done.returncode == 2
    assert "shop exists already" in done.stderr


NAMES = {
    "my-app": "as my_app",
    "Shop": "as shop",
    "9lives": "as lives",
    "a" * 33: "1 to 32",
    "import": "a word of Python's own",
    "json": "the name of an installed module",
    "msgspec": "the name of an installed module",
    "nowhere/shop": "nowhere is no folder",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_name_is_explained(name: str, tmp_path: Path) -> None:
    done = run("new", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert NAMES[name] in done.stderr
    assert "hint: " in done.stderr
    assert list(tmp_path.iterdir()) == []
