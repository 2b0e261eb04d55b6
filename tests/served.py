"""`skylift serve` as a real process, for tests that need one: started, asked, killed or stopped."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType

import httpx

START_S_MAX = 30.0
STOP_S_MAX = 15.0
TOLD_MAX = 65_536
SKYLIFT = str(Path(sys.executable).with_name("skylift"))
ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)")
# A connection for each request; a client for each would read all certificates, which takes 0.1 s.
HTTP = httpx.Client(timeout=20, limits=httpx.Limits(max_keepalive_connections=0))


class NotServed(Exception):
    """The process ended before it listened."""

    def __init__(self, code: int, told: str) -> None:
        super().__init__(f"exit code {code}\n{told}")
        self.code, self.told = code, told


class Served:
    """Listening on `port` once it was made; NotServed when it would not start."""

    def __init__(
        self,
        app: Path,
        state: Path,
        *options: str,
        command: str = "serve",
        wrapper: Sequence[str] = (),
        start_s_max: float = START_S_MAX,
    ) -> None:
        self._stderr = TemporaryFile("a+b")  # noqa: SIM115  (closed when the process has ended)
        self._told = self.announced = ""  # what it said of its address
        self.process = subprocess.Popen(
            [*wrapper, SKYLIFT, command, str(app), "--port=0", f"--state={state}", *options],
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            bufsize=0,
        )
        self.port = self._listening(start_s_max)

    def _listening(self, start_s_max: float) -> int:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], start_s_max)
        said = self.process.stdout.readline() if ready else b""
        self.announced = said.decode()
        found = ADDRESS.search(said)
        if found is None:
            if not ready:
                self.process.kill()
            raise NotServed(self.ended(), self.told())
        return int(found[1])

    def told(self) -> str:
        """What it has written to stderr."""
        if not self._stderr.closed:  # the offset is the process's, so it is not moved
            self._told = os.pread(self._stderr.fileno(), TOLD_MAX, 0).decode(errors="replace")
        return self._told

    def terminate(self) -> int:
        """SIGTERM, as a supervisor sends it; the exit code."""
        self.process.terminate()
        return self.ended()

    def kill(self) -> None:
        self.process.kill()
        self.ended()

    def ended(self) -> int:
        """Wait for the end of the process; its exit code."""
        try:
            return self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.told()
            self._stderr.close()

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.kill()
