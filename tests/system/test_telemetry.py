"""`skylift logs`, `traces` and `metrics` beside an app that runs, was killed, or never ran."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from skylift.telemetry.reader import Reader
from tests.served import SKYLIFT, Served
from tests.system.serving import Client, request
from tests.system.test_state_faults import limited

SHOP = Path(__file__).parents[1] / "apps" / "shop"
SOON_S = 1.0  # everything older is there
WAIT_S_MAX = 10.0
ORDER = {"id": "one", "card": "good"}


def run(*said: object) -> subprocess.CompletedProcess[str]:
    command = [SKYLIFT, *map(str, said)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def asked(state: Path, command: str, *said: object) -> str:
    done = run(command, SHOP, "--state", state, *said)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def document(state: Path, command: str, *said: object) -> Any:
    return json.decode(asked(state, command, "--json", *said))


def order(served: Served, id: str, card: str = "good") -> int:
    return send(served, "POST", "/orders", {"id": id, "card": card})


def send(served: Served, method: str, path: str, body: object = None) -> int:
    with closing(Client(served.port)) as client:
        raw = json.encode(body) if body is not None else b""
        return client.send(request(method, path, body=raw)).answer().status


def until(look: Callable[[], Any]) -> Any:
    """What a look gives once it gives something."""
    end = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it never came")


def test_an_app_is_looked_at_while_it_runs(state: Path) -> None:
    with Served(SHOP, state) as served:
        assert order(served, "one") == 201
        assert send(served, "GET", "/broken") == 500
        assert send(served, "GET", "/orders/nobody") == 404
        time.sleep(SOON_S)
        lines = asked(state, "logs").splitlines()
        traces = document(state, "traces")
        usage = document(state, "metrics")
        assert served.terminate() == 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\d UTC", lines[0])
    came = next(line for line in lines if "an order came" in line)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d\.\d{3} INFO    orders\.place  an order came  order_id=one  "
        r"cards=\['good'\]  trace=[0-9a-f]{8}",
        came,
    )
    assert any("WARNING orders.mail  there is no mail server: one" in line for line in lines)
    failed = next(at for at, line in enumerate(lines) if "ERROR   orders.broken" in line)
    assert "ValueError: this is a bug" in lines[failed]
    assert 'raise ValueError("this is a bug")' in "".join(lines[failed + 1 : failed + 4])
    assert [one["source"] for one in traces] == ["POST /orders", "GET /broken", "GET /orders/{id}"]
    assert [one["failed"] for one in traces] == [0, 1, 0]
    assert traces[0]["spans"] == 3
    counted = {one["function"]: (one["count"], one["failed"]) for one in usage["functions"]}
    assert counted["orders.charge"] == (1, 0)
    assert counted["orders.broken"] == (1, 1)
    assert usage["rss_bytes_max"] > 2**20
    assert "there is no mail server" in served.told()  # nobody configured logging


def test_a_trace_is_drawn_from_the_request_to_the_last_handler(state: Path) -> None:
    with Served(SHOP, state) as served:
        assert order(served, "one", "shaky") == 201
        until(lambda: "orders.mail" in run("logs", SHOP, "--state", state).stdout)
        (trace,) = document(state, "traces")
        tree = asked(state, "traces", trace["trace"][:7])
        told = document(state, "traces", f"00-{trace['trace']}-{'1' * 16}-01")
        assert served.terminate() == 0
    lines = tree.splitlines()
    assert lines[0] == f"trace {trace['trace']}"
    assert ", 4 spans, 1 failed" in lines[1]
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in tree
    (place,) = re.findall(r"tests/apps/shop/orders\.py:(\d+) in charge", tree)
    code = (SHOP / "orders.py").read_text().splitlines()[int(place) - 1]
    assert code.strip().startswith("raise RuntimeError")
    assert "✗ RuntimeError: the card of one was refused" in tree
    order_of_spans = re.findall(r"(POST /orders|charging|mailing)  orders\.", tree)
    assert order_of_spans == ["POST /orders", "charging", "charging", "mailing"]
    assert [one["attempt"] for one in told["spans"]] == [1, 1, 2, 1]
    error = told["spans"][1]["error"]
    assert (error["type"], error["line"]) == ("RuntimeError", int(place))


def test_an_id_that_says_too_little_or_nothing_is_told(state: Path) -> None:
    with Served(SHOP, state) as served:
        for _ in range(2):
            assert send(served, "GET", "/refused") == 409
        assert served.terminate() == 0
    unknown = run("traces", SHOP, "0" * 31 + "1", "--state", state)
    assert unknown.returncode == 2
    assert "there is no trace 0000" in unknown.stderr
    for id in ("abc", "nothing", "f" * 33):
        wrong = run("traces", SHOP, id, "--state", state)
        assert wrong.returncode == 2
        assert "is no id of a trace" in wrong.stderr


def test_what_never_ran_has_no_telemetry(state: Path) -> None:
    for command in ("logs", "traces", "metrics"):
        done = run(command, SHOP, "--state", state)
        assert (done.returncode, done.stdout) == (2, "")
        assert "there is no telemetry yet" in done.stderr
        assert "run the app first" in done.stderr
    assert not state.exists()


def test_an_app_whose_code_is_broken_can_be_named(state: Path) -> None:
    with Served(SHOP, state) as served:
        assert order(served, "one") == 201
        assert served.terminate() == 0
    done = run("logs", "shop", "--state", state)
    assert "an order came" in done.stdout
    unknown = run("logs", "workshop", "--state", state)
    assert unknown.returncode == 2
    assert "there is no app.py in it" in unknown.stderr


def test_following_goes_on_through_a_restart_until_interrupted(state: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    command = [SKYLIFT, "logs", str(SHOP), "-f", "--state", str(state)]
    with said.open("wb") as out:
        follower = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        for id in ("first", "second"):
            with Served(SHOP, state) as served:
                assert order(served, id) == 201
                until(lambda id=id: f"order_id={id}" in said.read_text())
                served.kill()
        follower.send_signal(signal.SIGINT)
        assert follower.wait(10) == 130
    finally:
        follower.kill()
        follower.wait()
    text = said.read_text()
    assert text.count("order_id=first") == text.count("order_id=second") == 1
    assert "Traceback" not in text


def test_json_and_following_exclude_each_other(state: Path) -> None:
    done = run("logs", SHOP, "-f", "--json", "--state", state)
    assert (done.returncode, done.stdout) == (2, "")
    assert "leave one of them out" in done.stderr


def test_logs_of_one_function_and_a_limit(state: Path) -> None:
    with Served(SHOP, state) as served:
        for number in range(5):
            assert order(served, f"order{number}") == 201
        assert served.terminate() == 0
    found = document(state, "logs", "--function", "orders.place", "--limit", 2)
    assert [one["fields"]["order_id"] for one in found] == ["order3", "order4"]
    assert {one["function"] for one in found} == {"orders.place"}
    assert found[0]["trace"] != found[1]["trace"]
    wrong = run("logs", SHOP, "--limit", "0", "--state", state)
    assert wrong.returncode == 2


def test_a_kill_costs_at_most_the_last_second(state: Path) -> None:
    noted: list[tuple[float, str]] = []
    with Served(SHOP, state) as served:
        end = time.monotonic() + 3 * SOON_S
        while time.monotonic() < end:
            id = f"order{len(noted)}"
            assert order(served, id) == 201
            noted.append((time.monotonic(), id))
        killed = time.monotonic()
        served.kill()
    kept = {one["fields"]["order_id"] for one in document(state, "logs", "--limit", 100_000)
            if one["function"] == "orders.place"}  # fmt: skip
    old = {id for at, id in noted if at < killed - SOON_S}
    assert len(old) > 100
    assert old <= kept
    with Served(SHOP, state) as served:
        assert order(served, "after") == 201
        assert served.terminate() == 0
    assert document(state, "logs", "--limit", 100)[-1]["time"] > ""


def test_a_graceful_stop_loses_nothing(state: Path) -> None:
    with Served(SHOP, state) as served:
        assert order(served, "one") == 201
        assert served.terminate() == 0
    assert "order_id=one" in asked(state, "logs")
    assert not list(state.rglob("telemetry.db-*"))


def test_a_strange_file_is_put_aside_and_the_app_starts(state: Path) -> None:
    folder = state / "shop"
    folder.mkdir(parents=True)
    (folder / "telemetry.db").write_bytes(b"precious" * 1_000)
    with Served(SHOP, state) as served:
        assert order(served, "one") == 201
        until(lambda: "telemetry.db.aside-1" in served.told())
        assert served.terminate() == 0
    assert (folder / "telemetry.db.aside-1").read_bytes() == b"precious" * 1_000
    assert "order_id=one" in asked(state, "logs")


def test_where_no_file_can_be_kept_the_app_runs_on(state: Path) -> None:
    folder = state / "shop"
    (folder / "telemetry.db").mkdir(parents=True)
    with Served(SHOP, state) as served:
        assert send(served, "GET", "/broken") == 500
        until(lambda: "telemetry: it is not kept" in served.told())
        assert order(served, "one") == 201
        assert served.terminate() == 0
    assert "Traceback" not in served.told()


FLOOD = """
import sys
from pathlib import Path
from skylift.local.report import StderrReport
from skylift.system import SystemClock, SystemEntropy
from skylift.telemetry.writer import Writer
clock, entropy = SystemClock(), SystemEntropy()
writer = Writer(Path(sys.argv[1]), clock, entropy, StderrReport(clock))
for number in range(3_000):
    writer.recorder.log("INFO", f"line {number} {entropy.token_bytes(200).hex()}", None)
writer.start()
writer.close()
"""


def test_a_full_disk_costs_what_does_not_fit_and_is_told_once(tmp_path: Path) -> None:
    """Limited files stand for the disk; two chunks fit, the third does not."""
    file = tmp_path / "telemetry.db"
    command = [*limited(700 * 1024), sys.executable, "-c", FLOOD, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1
    assert "telemetry: it is not kept: " in done.stderr
    lines = [log.text.split()[1] for log in Reader(tmp_path).logs(10_000).lines]
    assert lines == [str(number) for number in range(len(lines))]
    assert 1_000 <= len(lines) < 3_000
