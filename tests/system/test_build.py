"""`skylift build` as a person runs it: what is in the zips, that they work alone, that they are the
same wherever they are made and never stale, and what is refused.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest

from skylift.aws.deploy.target import HERE, VERSIONS
from tests.system.bundles import build, built, called, http_event, names, read
from tests.system.commands import ROOT
from tests.unit.written_app import shop, written

HELLO = ROOT / "apps" / "hello"
ONE_ROUTE = """
from skylift import Api
{imports}

api = Api("api")


@api.get("/first")
async def first() -> str:
    {body}


@api.get("/second")
async def second() -> str:
    return "second"
"""


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    return shutil.copytree(HELLO, tmp_path / "hello", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def cold(tmp_path: Path) -> Path:
    """A state where nothing was built before."""
    return tmp_path / "cold"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What some build has left: skylift itself, compiled."""
    folder = tmp_path_factory.mktemp("kept")
    built(HELLO, folder)
    return folder / "hello" / "build" / "cache"


@pytest.fixture
def state(tmp_path: Path, kept: Path) -> Path:
    for name in ("hello", "written"):
        shutil.copytree(kept, tmp_path / "state" / name / "build" / "cache")
    return tmp_path / "state"


def app(folder: Path, imports: str = "", body: str = 'return "first"', **more: str) -> Path:
    """Two routes in modules of their own; modules `more` stand beside them."""
    home = written(folder, ONE_ROUTE.format(imports=imports, body=body))
    for name, text in more.items():
        (home / f"{name}.py").write_text(text, "utf-8")
    return home


# -- what is made


def test_hello_becomes_a_zip_for_each_function(hello: Path, cold: Path) -> None:
    found = built(hello, cold)
    assert set(found) == {
        "notes.write",
        "notes.read",
        "notes.count",
        "skylift.api",
        "skylift.relay",
    }
    for one in found.values():
        content = Path(one["path"]).read_bytes()
        assert (sha256(content).hexdigest(), len(content)) == (one["sha256"], one["size"])
        assert one["loop_free"]
        with zipfile.ZipFile(one["path"]) as file:
            assert file.testzip() is None
            assert sum(entry.file_size for entry in file.infolist()) == one["unzipped"]
    held = names(found["notes.write"]["path"])
    assert {"skylift_function.py", "hello/notes.py", "msgspec/__init__.py"} <= held
    assert {"hello/__pycache__/notes.cpython-311.pyc", "skylift/aws/runtime/roots.pem"} <= held
    assert [
        one for one in held if one.startswith(("hello/app", "hello/tests", "boto", "apsw"))
    ] == []
    assert "hello/notes.py" not in names(found["skylift.api"]["path"])


def test_the_entry_names_the_function_its_resources_and_its_grants(
    hello: Path, state: Path
) -> None:
    text = read(built(hello, state)["notes.write"]["path"], "skylift_function.py")
    assert "from hello.notes import counting, notes, write as function\n" in text
    assert "    resources=(counting, notes),\n" in text
    assert "    grants=(('counting', 'send'), ('notes', 'create')),\n" in text


def test_a_bundle_works_where_there_is_nothing_else(
    hello: Path, state: Path, tmp_path: Path
) -> None:
    found = built(hello, state)
    event = http_event("POST", "/notes", '{"text": 3}')
    answer = called(found["notes.write"]["path"], tmp_path / "write", event)
    assert answer["statusCode"] == 422
    assert "/text" in answer["body"]
    event = http_event("GET", "/_skylift/openapi.json")
    answer = called(found["skylift.api"]["path"], tmp_path / "default", event)
    assert answer["statusCode"] == 200
    assert set(json.loads(answer["body"])["paths"]) == {"/notes", "/notes/{id}"}


def test_an_app_with_a_third_party_works_alone(state: Path, tmp_path: Path) -> None:
    body = 'return colorama.Fore.RED + yaml.safe_load("[red]")[0]'
    home = app(tmp_path, "import colorama\nimport yaml", body)
    found = built(home, state)["things.first"]
    assert [one["name"] for one in found["parts"]].count("pyyaml") == 1
    assert found["loop_free"]
    answer = called(found["path"], tmp_path / "first", http_event("GET", "/first"))
    assert answer["body"] == json.dumps("\x1b[31mred")


def test_bytecode_is_taken_without_a_look_at_its_source(
    hello: Path, state: Path, tmp_path: Path
) -> None:
    bundle = built(hello, state)["notes.read"]["path"]
    with zipfile.ZipFile(bundle) as file:
        raw = file.read("hello/__pycache__/notes.cpython-311.pyc")
    assert raw[4:8] == b"\1\0\0\0"  # hashed, and the hash is not looked at
    folder = tmp_path / "broken"
    with zipfile.ZipFile(bundle) as file:
        file.extractall(folder)
    (folder / "hello" / "notes.py").write_text("not Python", "utf-8")
    repacked = shutil.make_archive(str(tmp_path / "again"), "zip", folder)
    answer = called(repacked, tmp_path / "second", http_event("GET", "/notes/{id}"))
    assert answer["statusCode"] != 200  # it ran: there is no table to be asked


def test_an_app_of_one_module_named_by_its_attribute_works_too(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ONE_ROUTE.format(imports="import sys\nfrom skylift import App", body="return 'one'")
    (tmp_path / "alone_here.py").write_text(
        f"{text}\n\napp = App('alone', sys.modules[__name__])\n", "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    found = built(Path("alone_here:app"), state)["alone_here.first"]
    assert {"alone_here.py", "skylift/app.py"} <= names(found["path"])
    answer = called(found["path"], tmp_path / "first", http_event("GET", "/first"))
    assert answer["body"] == '"one"'


# -- the same bytes


def test_the_bytes_are_the_same_from_another_folder(tmp_path: Path) -> None:
    digests: list[list[str]] = []
    for place in ("here", "there/deeper"):
        home = tmp_path / place / "hello"
        shutil.copytree(HELLO, home, ignore=shutil.ignore_patterns("__pycache__"))
        found = built(home, tmp_path / place / "state")
        digests.append([one["sha256"] for one in found.values()])
    assert digests[0] == digests[1]


def test_the_bytes_are_the_same_whatever_was_built_before(cold: Path, tmp_path: Path) -> None:
    home = app(tmp_path, "from . import helper", helper="a, b = {'x', 'y'}, 1e300")
    fresh = built(home, cold)["things.first"]["sha256"]
    (home / "helper.py").write_text("other = 1", "utf-8")
    built(home, cold)
    (home / "helper.py").write_text("a, b = {'x', 'y'}, 1e300", "utf-8")
    assert built(home, cold)["things.first"]["sha256"] == fresh
    shutil.rmtree(cold)
    assert built(home, cold)["things.first"]["sha256"] == fresh


# -- nothing stale


def test_a_changed_helper_changes_those_that_reach_it_and_no_others(
    state: Path, tmp_path: Path
) -> None:
    home = written(
        tmp_path,
        ONE_ROUTE.format(imports="", body="from . import helper; return helper.SAID"),
        others=ONE_ROUTE.format(imports="", body="return 'x'")
        .replace("/first", "/third")
        .replace("/second", "/fourth")
        .replace('"api"', '"other"'),
        app='App("written", things, others)',
    )
    helper = home / "helper.py"
    helper.write_text("SAID = 'one'", "utf-8")
    before = built(home, state)
    helper.write_text("SAID = 'two'", "utf-8")
    after = built(home, state)
    changed = {name for name in before if before[name]["sha256"] != after[name]["sha256"]}
    assert changed == {"things.first", "things.second"}
    path = after["things.first"]["path"]
    assert read(path, f"{home.name}/helper.py") == "SAID = 'two'"
    answer = called(path, tmp_path / "first", http_event("GET", "/first"))
    assert answer["body"] == '"two"'


def test_a_helper_that_appears_or_goes_is_seen(state: Path, tmp_path: Path) -> None:
    body = "\n    try:\n        from . import helper\n    except ImportError:\n        return ''"
    home = app(tmp_path, body=body, helper="import json")
    path = built(home, state)["things.first"]["path"]
    assert f"{home.name}/helper.py" in names(path)
    (home / "helper.py").unlink()
    built(home, state)
    assert f"{home.name}/helper.py" not in names(path)


def test_a_zip_that_somebody_changed_is_made_again(hello: Path, state: Path) -> None:
    found = built(hello, state)["notes.read"]
    Path(found["path"]).write_bytes(b"?" * found["size"])
    assert built(hello, state)["notes.read"]["sha256"] == found["sha256"]
    assert sha256(Path(found["path"]).read_bytes()).hexdigest() == found["sha256"]


def test_a_broken_cache_costs_time_and_nothing_else(hello: Path, state: Path) -> None:
    fresh = [one["sha256"] for one in built(hello, state).values()]
    for file in (state / "hello" / "build" / "cache").iterdir():
        file.write_bytes(file.read_bytes()[:1000])
    assert [one["sha256"] for one in built(hello, state).values()] == fresh


# -- what is told


def test_a_function_that_uses_asyncio_is_marked(state: Path, tmp_path: Path) -> None:
    home = app(tmp_path, body="import asyncio; await asyncio.sleep(0); return ''")
    found = built(home, state)["things.first"]
    assert not found["loop_free"]
    assert "is_loop_free=False" in read(found["path"], "skylift_function.py")
    answer = called(found["path"], tmp_path / "first", http_event("GET", "/first"))
    assert answer["statusCode"] == 200


def test_a_budget_that_is_exceeded_blames_an_import(state: Path, tmp_path: Path) -> None:
    home = app(tmp_path, body="from . import words; return ''", words="\nimport pygments\n")
    (home / "pyproject.toml").write_text("[tool.skylift.build]\nsize_mb_max = 1.0\n", "utf-8")
    done = build(home, state)
    assert done.returncode == 2
    assert "things.first: " in done.stderr
    assert "its budget is 1 MB; most is pygments" in done.stderr
    assert done.stderr.index("things.py:10 from . import words") < done.stderr.index(
        "words.py:2 import pygments"
    )
    assert "things.first" in done.stdout  # the table all the same


def test_an_import_that_takes_too_long_is_blamed(state: Path, tmp_path: Path) -> None:
    home = app(tmp_path, "from . import words", words="import email.message\n")
    text = "[tool.skylift.build]\nimport_ms_max = 0.1\n"
    (home / "pyproject.toml").write_text(text, "utf-8")
    done = build(home, state)
    assert done.returncode == 2
    assert "its budget is 0.1 ms; most is email" in done.stderr
    assert "words.py:1 import email.message" in done.stderr


def test_a_budget_nobody_knows_is_refused(state: Path, tmp_path: Path) -> None:
    home = app(tmp_path)
    (home / "pyproject.toml").write_text("[tool.skylift.build]\nsize_max = 1\n", "utf-8")
    done = build(home, state)
    assert done.returncode == 2
    assert "size_max: there is size_mb_max" in done.stderr


def test_what_is_included_by_name_is_in_the_authors_bundles(state: Path, tmp_path: Path) -> None:
    home = app(tmp_path)
    text = '[tool.skylift.build]\ninclude = ["Colorama>=0.4"]\n'
    (home / "pyproject.toml").write_text(text, "utf-8")
    found = built(home, state)
    assert "colorama/__init__.py" in names(found["things.first"]["path"])
    assert "colorama/__init__.py" not in names(found["skylift.api"]["path"])


# -- what is refused


def test_what_cannot_be_found_is_refused_with_its_place(state: Path, tmp_path: Path) -> None:
    home = app(tmp_path, body="import nowhere; return ''")
    done = build(home, state, "--json")
    assert done.returncode == 2
    (told,) = json.loads(done.stdout)["mistakes"]
    assert told["place"] == f"{home}/things.py:10"
    assert told["reason"] == "nowhere cannot be found"
    assert "Traceback" not in done.stderr


def test_a_distribution_with_a_pth_is_refused(state: Path, tmp_path: Path) -> None:
    done = build(app(tmp_path, body="import setuptools; return ''"), state)
    assert done.returncode == 2
    assert "ships distutils-precedence.pth" in done.stderr


def test_data_is_taken_whatever_it_is_called_and_wherever_a_link_leads(
    state: Path, tmp_path: Path
) -> None:
    home = app(tmp_path)
    (home / "größe ☃.txt").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "words.txt").touch()
    (home / "linked").symlink_to(tmp_path / "elsewhere")
    (home / "round").symlink_to(home)
    held = names(built(home, state)["things.first"]["path"])
    assert {f"{home.name}/größe ☃.txt", f"{home.name}/linked/words.txt"} <= held
    assert not any("round" in name for name in held)


def test_a_data_file_whose_name_no_zip_can_hold_is_refused(state: Path, tmp_path: Path) -> None:
    home = app(tmp_path)
    (home / os.fsdecode(b"bad\xff.txt")).touch()
    done = build(home, state, "--json")
    assert done.returncode == 2, done.stderr
    (told,) = json.loads(done.stdout)["mistakes"]
    assert (told["place"], told["remedy"]) == (str(home), "rename it")


def test_a_place_that_cannot_be_written_is_told(state: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = build(app(tmp_path), state, "--out", str(tmp_path / "file"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"skylift: {tmp_path}/file: ")


def test_wheels_for_another_python_are_fetched_or_asked_for(state: Path, tmp_path: Path) -> None:
    home = app(tmp_path)
    other = next(one for one in VERSIONS if one != HERE)
    asked = ("--target", other, "--arch", "x86_64")
    done = build(home, state, *asked, PIP_NO_INDEX="1", PATH="/nowhere")
    assert done.returncode == 2
    folder = state / "written" / "build" / "cache" / "wheels"
    assert f"no wheel of it for python{other} on x86_64" in done.stderr
    assert f"put the wheel into {folder}" in done.stderr
    wheel(folder, "msgspec", version("msgspec"), other)
    relative = Path(os.path.relpath(state))  # as the state is unless it is said
    done = build(home, relative, *asked, PIP_NO_INDEX="1", PATH="/nowhere")
    assert done.returncode == 0, done.stderr
    assert f"note: there is no python{other} here: no bytecode" in done.stdout
    held = names(state / "written" / "build" / "things.first.zip")
    assert {"msgspec/__init__.py", "msgspec/from_data.py"} <= held
    assert [one for one in held if one.endswith((".pyc", "RECORD"))] == []


def wheel(folder: Path, name: str, version: str, python: str) -> None:
    tag = f"cp{python.replace('.', '')}"
    label, info = f"{name}-{version}", f"{name}-{version}.dist-info"
    full = f"{tag}-{tag}-manylinux2014_x86_64"
    with zipfile.ZipFile(folder / f"{label}-{full}.whl", "w") as file:
        file.writestr(f"{name}/__init__.py", "")
        file.writestr(f"{label}.data/purelib/{name}/from_data.py", "")
        file.writestr(f"{label}.data/scripts/tool", "")
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"
        )
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {full}")
        file.writestr(f"{info}/RECORD", "")


def test_an_app_of_fifty_functions_is_built_once_and_then_looked_at(
    state: Path, tmp_path: Path
) -> None:
    home = written(tmp_path, shop(times=2))
    first = built(home, state)
    assert len(first) == 52  # two Apis have a function of ours each
    assert built(home, state) == first
