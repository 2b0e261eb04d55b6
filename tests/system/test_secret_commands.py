"""`skylift secret`: beside an app that runs, and on the state of one that does not. A canary is
set, revealed and lost with everything on, and then looked for in all that was written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.served import NotServed
from tests.system.commands import ROOT, Shell, ask

DESK = ROOT / "tests" / "apps" / "desk"
CANARY = "canary-77c0ffee"


@pytest.fixture
def desk(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Shell(shell.state, DESK)


@pytest.fixture
def key(desk: Shell, tmp_path: Path) -> Path:
    return tmp_path / "config" / "skylift" / "desk.key"


def signed(text: str) -> dict[str, str]:
    return {"digest": sha256(f"{text} 1".encode()).hexdigest()}


def known(desk: Shell) -> list[str]:
    return [one["secret"] for one in desk.json("secret ls") if one["set_at"]]


def test_a_secret_is_set_before_the_app_ever_ran(desk: Shell, key: Path) -> None:
    assert known(desk) == []
    assert desk.said("secret set", "signing", input=f"{CANARY}\n") == "secret signing: it is set\n"
    assert known(desk) == ["signing"]
    assert key.stat().st_mode & 0o777 == 0o600
    with desk.served() as served:
        assert ask(served.port, "POST", "/signatures/1") == signed(CANARY)
        assert served.terminate() == 0


def test_a_secret_is_set_changed_and_removed_while_the_app_runs(desk: Shell) -> None:
    with desk.served() as served:
        assert "'signing' has no value: skylift secret set desk signing" in served.told()
        for text in ("the first", "the second"):
            desk.said("secret set", "signing", input=text)
            assert ask(served.port, "POST", "/signatures/1") == signed(text)
        assert desk.json("secret rm", "signing")["outcome"] == "removed"
        assert status(served.port, "/signatures/1") == 500
        assert served.terminate() == 0
        assert "skylift secret set desk signing" in served.told()


def status(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path)
        answer = connection.getresponse()
        assert b"canary" not in answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("said", "fed", "told"),
    [
        (("secret set", "sining"), CANARY, "did you mean 'signing'?"),
        (("secret set", "signing"), "", "it is empty"),
        (("secret set", "signing"), "\n", "it is empty"),
        (("secret set", "signing"), f"{CANARY}{{{{x", "{{, which SSM does not take"),
        (("secret set", "signing"), f"{CANARY}{5_000 * 'x'}", "the limit is 4,096"),
        (("secret rm", "signing"), "", "has no value"),
    ],
)
def test_what_is_wrong_is_refused_and_not_repeated(
    desk: Shell, said: tuple[str, ...], fed: str, told: str
) -> None:
    refused = desk.refused(*said, input=fed)
    assert told in refused
    assert CANARY not in refused


def test_a_key_that_others_may_read_or_that_is_another_is_refused(desk: Shell, key: Path) -> None:
    desk.said("secret set", "signing", input=CANARY)
    key.chmod(0o644)
    assert "chmod 600" in desk.refused("secret set", "signing", input=CANARY)
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    with desk.served() as served:
        assert status(served.port, "/signatures/1") == 500
        assert served.terminate() == 0
        assert "sealed with another key" in served.told()


def test_a_canary_is_nowhere(desk: Shell, tmp_path: Path) -> None:
    desk.said("secret set", "signing", input=f"{CANARY} of old")
    with desk.served() as served:
        desk.said("secret set", "signing", input=CANARY)
        desk.said("secret set", "sealing", input=CANARY)
        assert ask(served.port, "POST", "/signatures/1") == signed(CANARY)
        assert ask(served.port, "POST", "/seals/1") == signed(CANARY)
        assert status(served.port, "/lost/known") == 404
        assert status(served.port, "/lost/1") == 500
        said = [desk.said("secret ls"), desk.said("logs", "--json"), desk.said("traces", "--json")]
        assert served.terminate() == 0
        said.append(served.told())
    assert "letters is lost" in said[-1]
    said += [desk.said("graph", "--json"), desk(*("doctor", "--json")).stdout]
    desk.said("eject", str(tmp_path / "ejected"))
    assert [one for one in said if CANARY in one] == []
    assert [path for path in written(tmp_path) if CANARY.encode() in path.read_bytes()] == []


def written(folder: Path) -> Iterator[Path]:
    yield from (one for one in folder.rglob("*") if one.is_file())


def test_doctor_names_what_is_missing(desk: Shell) -> None:
    told = desk("doctor").stdout
    assert "'signing' has no value" in told
    assert "hint: skylift secret set desk signing" in told
    assert "'stamping' has no value, and is optional" in told
    desk.said("secret set", "stamping", input=CANARY)
    assert "'stamping' is set" in desk("doctor").stdout


def test_nobody_is_warned_of_an_optional_secret_which_is_empty_until_it_is_set(
    desk: Shell,
) -> None:
    assert "stamping  not set, and optional" in desk.said("secret ls")
    found = {one["secret"]: one["optional"] for one in desk.json("secret ls")}
    assert found == {"sealing": False, "signing": False, "stamping": True}
    with desk.served() as served:
        assert ask(served.port, "POST", "/stamps/1") == {"digest": ""}
        desk.said("secret set", "stamping", input=CANARY)
        assert ask(served.port, "POST", "/stamps/1") == signed(CANARY)
        assert served.terminate() == 0
        assert "stamping" not in served.told()


def test_a_setting_that_is_none_stops_the_start(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKYLIFT_SETTING_ITEMS_MAX", "many")
    with pytest.raises(NotServed) as refused:
        desk.served()
    assert refused.value.code == 2
    assert "setting 'items_max': 'many' is no int" in refused.value.told
    assert "'many' is no int" in desk("doctor").stdout
    monkeypatch.setenv("SKYLIFT_SETTING_ITEMS_MAX", "9")
    monkeypatch.setenv("SKYLIFT_SETTING_GRETING", "hi")
    assert "hint: did you mean 'SKYLIFT_SETTING_GREETING'?" in desk("doctor").stdout
    with desk.served() as served:
        assert ask(served.port, "GET", "/greeting") == {"text": "hello", "items_max": 9}
        assert served.terminate() == 0
