"""Lambda's Runtime API on loopback, for one function under the real runtime client: it asks for the
next event, and posts an answer or an error.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

API = "/2018-06-01/runtime"
ARN = "arn:aws:lambda:eu-west-1:000000000000:function:asked"
WAIT_S = 30.0


@dataclass(frozen=True)
class Asked:
    id: str
    event: object
    remaining_s: float
    trace: str


@dataclass(frozen=True)
class Posted:
    """`kind` is "response", "error", or "init" for a function that could not be loaded."""

    kind: str
    id: str
    body: Any


class Served(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A function that was killed has left its connection."""


class RuntimeApi:
    """`with RuntimeApi(folder, environment) as api: api.ask(event)`. The folder holds
    `skylift_function.py`, or another module that `handler` names.
    """

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str],
        *,
        handler: str = "skylift_function.handler",
    ) -> None:
        self._folder, self._environment, self._handler = folder, environment, handler
        self._asked: Queue[Asked | None] = Queue()
        self._posted: Queue[Posted] = Queue()
        self._log = folder / "log"

    def __enter__(self) -> RuntimeApi:
        self._server = Served(("127.0.0.1", 0), self._answering())
        Thread(target=self._server.serve_forever, daemon=True).start()
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        address = f"127.0.0.1:{self._server.server_address[1]}"
        given = {
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": "asked",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "LAMBDA_TASK_ROOT": str(self._folder),
            "PYTHONPATH": str(self._folder),
        }
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", self._handler],
                cwd=self._folder,
                env=kept | given | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)
        self._asked.put(None)
        self._server.shutdown()
        self._server.server_close()

    def ask(
        self, event: object, *, remaining_s: float = 10, trace: str = "", id: str = ""
    ) -> Posted:
        """What is posted for this event, or instead of it."""
        self._asked.put(Asked(id or str(uuid.uuid4()), event, remaining_s, trace))
        return self.posted()

    def posted(self) -> Posted:
        try:
            return self._posted.get(timeout=WAIT_S)
        except Empty:
            raise AssertionError(f"nothing was posted:\n{self.log}") from None

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Of the log those that are JSON."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def _answering(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = api._asked.get()
                if asked is None:
                    self.close_connection = True
                    return
                headers = {
                    "Lambda-Runtime-Aws-Request-Id": asked.id,
                    "Lambda-Runtime-Deadline-Ms": str(
                        int((time.time() + asked.remaining_s) * 1000)
                    ),
                    "Lambda-Runtime-Invoked-Function-Arn": ARN,
                    **({"Lambda-Runtime-Trace-Id": asked.trace} if asked.trace else {}),
                }
                self._send(200, json.dumps(asked.event).encode(), headers)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                *_, id, kind = self.path.removeprefix(API).split("/")
                kind = "init" if id == "init" else kind
                api._posted.put(Posted(kind, id, json.loads(body)))
                self._send(202, b'{"status":"OK"}', {})

            def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                said = {"Content-Type": "application/json", "Content-Length": str(len(body))}
                for name, value in (said | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """The test says what went wrong."""

        return Answering
