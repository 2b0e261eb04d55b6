"""Commands as a person at a terminal gives them, beside an app that is served or is not."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any

from tests.served import SKYLIFT, Served

ROOT = Path(__file__).parents[2]
LETTERS = ROOT / "tests" / "apps" / "letters"
PATIENCE_S = 20.0


class Shell:
    """Commands on one state."""

    def __init__(self, state: Path, app: Path = LETTERS) -> None:
        self.state, self.app = state, app

    def __call__(self, *said: str, input: str = "") -> subprocess.CompletedProcess[str]:
        """`shell("queue peek", "jobs", "--dead")`: APP and --state are put in."""
        deed, *more = said
        command = [SKYLIFT, *deed.split(), str(self.app), *more, f"--state={self.state}"]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, input=input
        )

    def said(self, *said: str, input: str = "") -> str:
        """What a command prints that has done what it was told."""
        done = self(*said, input=input)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *said: str, input: str = "") -> Any:
        return json.loads(self.said(*said, "--json", input=input))

    def refused(self, *said: str, input: str = "") -> str:
        """What a user is told who made a mistake."""
        done = self(*said, input=input)
        assert done.returncode == 2, (done.returncode, done.stderr)
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        return done.stderr

    def counts(self, queue: str) -> dict[str, int]:
        rows: list[dict[str, Any]] = self.json("queue ls")
        (row,) = [row for row in rows if row.pop("queue") == queue]
        return row

    def until(self, queue: str, **counts: int) -> dict[str, int]:
        """Wait for these counts."""
        found: dict[str, int] = {}

        def hold() -> bool:
            found.update(self.counts(queue))
            return counts.items() <= found.items()

        until(hold, lambda: f"{queue}: {found}, not {counts}")
        return found

    def served(self, *options: str, command: str = "serve") -> Served:
        return Served(self.app, self.state, *options, command=command)


def bury(shell: Shell, count: int) -> None:
    """So many jobs that nobody could do; then the app has ended."""
    with shell.served() as served:
        ask(served.port, "PUT", "/mood/fail")
        ask(served.port, "POST", "/batches", {"first": 0, "count": count})
        shell.until("batches", dead=count)
        assert served.terminate() == 0


def until(holds: Callable[[], bool], told: Callable[[], str], every_s: float = 0.1) -> None:
    pause = Event()
    for _ in range(round(PATIENCE_S / every_s)):
        if holds():
            return
        pause.wait(every_s)
    raise AssertionError(told())


def ask(port: int, method: str, target: str, body: object = None) -> Any:
    """One request to the app; what it answered."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        raw = None if body is None else json.dumps(body)
        connection.request(method, target, raw, {"content-type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status < 300, (answer.status, said)
        return json.loads(said) if said else None
    finally:
        connection.close()


def listening(pid: int) -> int:
    """How many sockets of the network a process listens on."""
    inodes = {os.readlink(one) for one in Path(f"/proc/{pid}/fd").iterdir()}
    count = 0
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            count += fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes
    return count
