"""`skylift`, with nothing recorded: what telemetry costs is seen beside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from skylift.cli.main import main
from skylift.local import process
from skylift.ports import Clock, Running


class DeafRecorder:
    def __init__(self, terminal: Any) -> None:
        self.warned = terminal.warned
        self.failed = terminal.failed
        self.broken = terminal.failed

    def ended(self, running: Running, error: BaseException | None) -> None:
        """Nobody is told."""


class DeafWriter:
    def __init__(self, path: Path, clock: Clock, entropy: object, terminal: Any) -> None:
        self.recorder = DeafRecorder(terminal)

    def start(self) -> None:
        """There is no thread."""

    def close(self) -> None:
        """There is no file."""


if __name__ == "__main__":
    process.Writer = DeafWriter  # type: ignore
    sys.exit(main())
