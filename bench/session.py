"""A process in a session of its own, so that the processes it starts are counted and stopped with
it, whatever they do about signals.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
STOP_S_MAX = 10.0


class Session:
    def __init__(
        self, command: Sequence[str], said: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._said = said
        with said.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def said(self) -> str:
        return self._said.read_text(errors="replace")

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def processes(self) -> Iterator[tuple[Path, list[str]]]:
        """The session's processes, each with the fields of /proc/PID/stat after the name."""
        for place in Path("/proc").glob("[0-9]*"):
            try:
                fields = (place / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            if int(fields[3]) == self.process.pid:
                yield place, fields

    def cpu_s(self) -> float:
        return sum(int(fields[11]) + int(fields[12]) for _, fields in self.processes()) / TICKS

    def memory_mb(self, kind: str = "Rss") -> float:
        """Resident ("Rss") or proportional ("Pss") memory of the session, in 10^6 bytes."""
        total = 0
        for place, _ in self.processes():
            for line in (place / "smaps_rollup").read_text().splitlines():
                if line.startswith(f"{kind}:"):
                    total += int(line.split()[1])
        return total * 1024 / 1e6

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            pass
        self.kill()  # what it has left behind

    def kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
