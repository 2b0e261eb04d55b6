"""A desk on AWS: nothing is deployed before its secrets are set, what a stage says of its settings
stays so, and what was set is in no template, log or answer.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment, Told
from tests.rehearsal.ministack import Ministack

DESK = Path(__file__).parents[1] / "apps" / "desk"
CANARIES = {"signing": "canary-4f1d-signing", "sealing": "canary-4f1d-sealing"}


@pytest.fixture(scope="module")
def desk(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, DESK, tmp_path_factory.mktemp("desk"))
    refused = one.skylift("deploy")
    assert refused.code == 2
    assert "skylift secret set desk sealing --stage dev" in refused.err
    assert "stamping" not in refused.err
    for name, value in CANARIES.items():
        done = set_secret(one, name, value)
        assert done.returncode == 0, done.stderr
    one.deployed("--set", "greeting=good morning", "--set", "items_max=7")
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def set_secret(desk: Deployment, name: str, value: str) -> subprocess.CompletedProcess[str]:
    command, *_ = desk.command("secret")
    said = [command, "secret", "set", str(desk.app), name, f"--stage={desk.stage}"]
    return subprocess.run(
        [*said, f"--endpoint-url={desk.stack.url}"],
        env=desk.environment,
        input=f"{value}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


def signed(item: str, secret: str) -> str:
    return sha256(f"{secret} {item}".encode()).hexdigest()


def test_what_was_set_is_revealed_and_nothing_else_of_it_is_told(desk: Deployment) -> None:
    for path, name in (("/signatures/1", "signing"), ("/seals/1", "sealing")):
        reply = desk.ask("POST", path)
        assert (reply.status, reply.json) == (200, {"digest": signed("1", CANARIES[name])})
    assert desk.ask("POST", "/lost/known").status == 404
    assert desk.ask("POST", "/lost/1").status == 500
    written = [one.decode("utf-8", "replace") for one in told_by(desk)]
    assert len(written) > len(("functions", "the log", "a document", "a template"))
    assert [one for one in written if "canary-4f1d" in one] == []


def test_an_optional_secret_is_named_and_stops_nothing(desk: Deployment) -> None:
    again = desk.skylift("deploy")
    assert again.code == 0, again.err
    assert "secret 'stamping' has no value in stage dev, and is optional" in again.err
    assert desk.ask("POST", "/stamps/1").json == {"digest": ""}
    assert set_secret(desk, "stamping", "canary-4f1d-stamping").returncode == 0
    assert "stamping" not in desk.skylift("deploy").err


def told_by(desk: Deployment) -> Iterator[bytes]:
    """All that AWS holds of it but the secrets themselves, and that lies here."""
    s3 = desk.client("s3")
    yield desk.stack.log.encode()
    for bucket in s3.list_buckets()["Buckets"]:
        for one in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", ()):
            yield s3.get_object(Bucket=bucket["Name"], Key=one["Key"])["Body"].read()
    functions = desk.client("lambda").list_functions()["Functions"]
    yield json.dumps(functions, default=str).encode()
    yield from (one.read_bytes() for one in desk.state.rglob("*") if one.is_file())


def test_what_a_stage_says_of_a_setting_stays_until_it_is_said_otherwise(desk: Deployment) -> None:
    assert desk.ask("GET", "/greeting").json == {"text": "good morning", "items_max": 7}
    assert desk.deployed()["outcome"] == "unchanged"
    said: Any = desk.deployed("--set", "tone=loud", "--unset", "items_max")
    assert said["outcome"] == "changed"
    assert desk.ask("GET", "/greeting").json == {"text": "GOOD MORNING", "items_max": 3}


def test_who_asks_too_often_is_refused_by_his_own_count(desk: Deployment) -> None:
    replies = [desk.ask("GET", "/hours") for _ in range(4)]
    assert [one.status for one in replies] == [200, 200, 200, 429]
    assert replies[0].headers["ratelimit-policy"] == '"default";q=3;w=60'
    assert replies[0].headers["ratelimit"].startswith('"default";r=2;')
    assert 0 < int(replies[3].headers["retry-after"]) <= 61
    assert replies[3].headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("--set", "items_max=many"), "'many' is no int"),
        (("--set", "greting=hi"), "did you mean 'greeting'?"),
        (("--set", "tone"), "says no value"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_changes(
    desk: Deployment, said: tuple[str, ...], told: str
) -> None:
    refused: Told = desk.skylift("deploy", *said)
    assert refused.code == 2
    assert told in refused.err
