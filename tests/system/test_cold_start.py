"""A cold start is counted: instructions from the start of the process to its end after the first
answer, in bare interpreters. They are the same each time, so a bound can stand close above them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from skylift.aws.runtime import tls
from tests.system.aws_stage import CERTIFICATES, ENVIRONMENT, Stage, answer, answers
from tests.tidy.source import APPS
from tests.unit.lambda_events import http_event

# What counting found is in docs/adr/0011-cold-start.md, and what is allowed is a little more.
STRUCT, DATACLASSES, HELLO = 4.1, 5.0, 4.2
STRUCT_TLS = 5.6
COLLECTED = re.compile(r"Collected : (\d+)")
WRITE = """
from skylift import Api, Struct, Table, new_id


class Note(Struct):
    id: str
    text: str
    words: int | None = None


class NewNote(Struct):
    text: str


api = Api("api")
notes = Table("notes", Note, key="id")


@api.post("/notes", status=201)
async def write(new: NewNote) -> Note:
    note = Note(new_id(), new.text)
    await notes.create(note)
    return note
"""
IN_DATACLASSES = WRITE.replace("Struct, ", "").replace("(Struct)", "")
IN_DATACLASSES = "from dataclasses import dataclass\n" + IN_DATACLASSES.replace(
    "class ", "@dataclass\nclass "
)
ASK = """
import sys
sys.path.insert(0, {folder!r})
from skylift_function import handler

class Context:
    aws_request_id = "8f5c9a1e-0000-4000-8000-1234567890ab"
    def get_remaining_time_in_millis(self):
        return 10_000

told = handler({event!r}, Context())
assert told["statusCode"] == 201, told
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter beside which nothing is installed."""
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not installed, so no cold start was counted")
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, symlinks=True)
    return home / "bin" / "python"


def counted(python: Path, program: str, **environment: str) -> int:
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run(
        [*tool, str(python), "-I", "-B", "-c", program],
        env={"PATH": os.defpath, "PYTHONHASHSEED": "0", **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = COLLECTED.search(done.stderr)
    assert found is not None
    return int(found[1])


@pytest.fixture(scope="module")
def bare(python: Path) -> int:
    return counted(python, "pass")


Ratio = Callable[..., float]


@pytest.fixture
def ratio(python: Path, bare: int, tmp_path: Path) -> Ratio:
    """Of an app's `notes.write` from its own bundle, against a DynamoDB that says yes."""

    def measured(source: str | Path, *, certificate: str = "") -> float:
        folder = unpacked(source, tmp_path)
        program = ASK.format(
            folder=str(folder), event=http_event("POST", "/notes", '{"text":"a note"}')
        )
        with Stage(answers(answer(b"{}")), certificate=certificate) as stage:
            places = {"notes": "notes", "counting": f"{stage.url}/1/counting"}
            given = {
                **ENVIRONMENT,
                "AWS_ENDPOINT_URL": stage.url,
                "SKYLIFT_STAGE": "dev",
                "SKYLIFT_LEDGER": "ledger",
                "SKYLIFT_RESOURCES": json.dumps(places),
            }
            if certificate:
                given["AWS_CA_BUNDLE"] = str(trusted(tmp_path))
            return counted(python, program, **given) / bare

    return measured


def unpacked(source: str | Path, tmp_path: Path) -> Path:
    """The bundle of `notes.write`."""
    home = source if isinstance(source, Path) else tmp_path / "small"
    if isinstance(source, str):
        home.mkdir()
        (home / "notes.py").write_text(source, "utf-8")
        app = 'from skylift import App\nfrom . import notes\napp = App("small", notes)\n'
        (home / "app.py").write_text(app, "utf-8")
    command = str(Path(sys.executable).with_name("skylift"))
    out, folder = tmp_path / "built", tmp_path / "unpacked"
    build = [command, "build", str(home), "--state", str(tmp_path / "state"), "--out", str(out)]
    subprocess.run(build, check=True, capture_output=True)
    with zipfile.ZipFile(out / "notes.write.zip") as file:
        file.extractall(folder)
    return folder


def trusted(tmp_path: Path) -> Path:
    """The roots that a bundle ships, and the test's own."""
    bundle = tmp_path / "roots.pem"
    own = (CERTIFICATES / "ca.pem").read_text("ascii")
    bundle.write_text(Path(tls.ROOTS).read_text("ascii") + own, "ascii")
    return bundle


def test_one_write_costs_four_bare_interpreters(ratio: Ratio) -> None:
    assert ratio(WRITE) <= STRUCT


def test_hello_writes_with_a_message_for_little_more(ratio: Ratio) -> None:
    assert ratio(APPS / "hello") <= HELLO


def test_dataclasses_cost_another(ratio: Ratio) -> None:
    assert ratio(IN_DATACLASSES) <= DATACLASSES


def test_tls_costs_little_more_than_one(ratio: Ratio) -> None:
    assert ratio(WRITE, certificate="localhost") <= STRUCT_TLS
