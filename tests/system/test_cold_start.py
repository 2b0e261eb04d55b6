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
import time
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from skylift.aws.runtime import tls
from skylift.aws.runtime.keys_cognito import Pool
from skylift.local.signing import EXPONENT, KEY_BITS, Issuer
from skylift.token import stated
from tests.system.aws_stage import CERTIFICATES, ENVIRONMENT, Stage, answer, answers
from tests.tidy.source import APPS
from tests.unit.lambda_events import http_event

# What counting found is in docs/adr/0011-cold-start.md, and what is allowed is a little more.
STRUCT, DATACLASSES, HELLO = 4.1, 5.0, 4.2
STRUCT_TLS = 5.6
CLOSED, OPTIONAL = 4.2, 4.4
POOL = Pool("eu-west-1_Ab1Cd2Ef3", "1h57kf5cpq17m0eml12EXAMPLE")
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
CLOSED_WRITE = WRITE.replace("Table, new_id", "Table, Users, new_id").replace(
    'api = Api("api")', 'members = Users("members")\napi = Api("api", auth=members)'
)
OPTIONAL_WRITE = CLOSED_WRITE.replace("status=201", "status=201, auth=members.optional")
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
def task() -> Iterator[Path]:
    """With a name about as long as that of Lambda's own: each path that is looked at costs."""
    with TemporaryDirectory(prefix="t") as folder:
        yield Path(folder)


@pytest.fixture
def ratio(python: Path, bare: int, tmp_path: Path, task: Path) -> Ratio:
    """Of an app's `notes.write` from its own bundle, against a DynamoDB that says yes."""

    def measured(
        source: str | Path, *, certificate: str = "", token: str = "", keys: bytes = b"{}"
    ) -> float:
        unpack(source, tmp_path, task)
        program = ASK.format(folder=str(task), event=asked(token))
        with Stage(answers(answer(keys)), certificate=certificate) as stage:
            places = {"notes": "notes", "counting": f"{stage.url}/1/counting"}
            places["members"] = f"{POOL.id}/{POOL.client}"
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


def asked(token: str) -> dict[str, Any]:
    """A request, with what the gateway says of a caller, or with a token that it has not seen."""
    event = http_event("POST", "/notes", '{"text":"a note"}')
    claims = {"token_use": "access", "username": "ann"}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    if token:
        del event["requestContext"]["authorizer"]
        event["headers"]["authorization"] = f"Bearer {token}"
    return event


def unpack(source: str | Path, tmp_path: Path, task: Path) -> None:
    """The bundle of `notes.write`."""
    home = source if isinstance(source, Path) else tmp_path / "small"
    if isinstance(source, str):
        home.mkdir()
        (home / "notes.py").write_text(source, "utf-8")
        app = 'from skylift import App\nfrom . import notes\napp = App("small", notes)\n'
        (home / "app.py").write_text(app, "utf-8")
    command = str(Path(sys.executable).with_name("skylift"))
    out = tmp_path / "built"
    build = [command, "build", str(home), "--state", str(tmp_path / "state"), "--out", str(out)]
    subprocess.run(build, check=True, capture_output=True)
    with zipfile.ZipFile(out / "notes.write.zip") as file:
        file.extractall(task)


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


def test_a_closed_route_costs_next_to_nothing_more(ratio: Ratio) -> None:
    assert ratio(CLOSED_WRITE) <= CLOSED


def test_keys_and_a_look_at_a_token_cost_little_more(ratio: Ratio) -> None:
    issuer = Issuer("members", rsa.generate_private_key(EXPONENT, KEY_BITS))
    now = int(time.time())
    claims = {"iss": POOL.expected.issuer, "client_id": POOL.client, "token_use": "access"}
    claims |= {"sub": "ann", "username": "ann", "name": "ann@example.com"}
    token = issuer.signed({**claims, "iat": now, "exp": now + 900})
    assert ratio(OPTIONAL_WRITE, token=token, keys=stated(issuer.keys)) <= OPTIONAL
