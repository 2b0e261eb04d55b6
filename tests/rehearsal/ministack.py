"""MiniStack for one session of tests: one process on loopback, with a folder of its own, killed at
the end.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

STARTING_S_MAX = 30.0
REGION = "eu-west-1"


class Ministack:
    """`with Ministack(folder) as stack:`; `stack.environment` is what a client of it is given."""

    def __init__(
        self, folder: Path, *, program: Sequence[str] = ("-m", "ministack"), **settings: str
    ) -> None:
        self.folder, self._program = folder, program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.started_s = 0.0
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": self.url,
        }

    @property
    def log(self) -> str:
        return (self.folder / "ministack.log").read_text("utf-8", "replace")

    def __enter__(self) -> Ministack:
        began = time.monotonic()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        settings = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "LAMBDA_EXECUTOR": "local",
            "MINISTACK_REGION": REGION,
            "SFTP_ENABLED": "0",
            "TMPDIR": str(self.folder),
            "S3_DATA_DIR": str(self.folder / "s3"),
        }
        with (self.folder / "ministack.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program],
                cwd=self.folder,
                env=kept | settings | self._settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_ready(began + STARTING_S_MAX)
        self.started_s = time.monotonic() - began
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        self._process.kill()
        self._process.wait(10)

    def _wait_until_ready(self, until: float) -> None:
        while time.monotonic() < until:
            assert self._process
            if self._process.poll() is not None:
                break
            try:
                with urlopen(f"{self.url}/_ministack/health", timeout=1):
                    return
            except (URLError, OSError):
                time.sleep(0.02)
        self.__exit__()
        raise AssertionError(f"MiniStack did not start:\n{self.log}")


def is_installed() -> bool:
    return find_spec("ministack") is not None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
