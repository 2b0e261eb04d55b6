"""A proxy in front of MiniStack that does to a client what AWS does now and then, from a seed:
throttles, conflicts, batches done in part, errors, connections that end, answers that are lost
after the write was carried out.

It never troubles a call more than twice in a row, as many times as a client asks again. What leaves
open whether a call was carried out is done to calls alone that may be made twice, unless a test
asks for more: whoever else is treated so is told Unavailable(unknown=True), rightly.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from msgspec import json

from tests.rehearsal import fault, form
from tests.rehearsal.fault import Answer, Asked, Fault

IN_A_ROW_MAX = 2
RATE = 0.25
TIMEOUT_S = 30
OPERATION = ("x-amz-target", "x-amz-invocation-type")  # what is asked, and how
REST = {
    ("POST", "schedules"): "CreateSchedule",
    ("PUT", "schedules"): "UpdateSchedule",
    ("DELETE", "schedules"): "DeleteSchedule",
    ("POST", "2015-03-31"): "Invoke",
}


class FaultProxy:
    """`with FaultProxy(stack.environment["AWS_ENDPOINT_URL"], seed) as proxy:`; clients are given
    `proxy.url`. `told` counts what was done, by fault and operation.
    """

    def __init__(self, upstream: str, seed: str, *, rate: float = RATE) -> None:
        self.seed, self.rate = seed, rate
        self.told: Counter[tuple[str, str]] = Counter()
        self.forced: list[tuple[str, str]] = []  # operation and fault, each once, before chance
        self._chance = random.Random(seed)
        self._in_a_row: Counter[tuple[str, bytes]] = Counter()
        self._lock = threading.Lock()
        self._upstream = urlsplit(upstream).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._making())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        return {**given, "AWS_ENDPOINT_URL": self.url}

    def drawn(self, operation: str, body: bytes) -> tuple[Asked, Fault] | None:
        """What is done to this request, if anything. What was done in part is asked again with the
        rest alone.
        """
        with self._lock:
            for place, (wanted, name) in enumerate(self.forced):
                if operation == wanted:
                    del self.forced[place]
                    return self._noted(read(operation, body), fault.named(name))
            call = (operation, b"" if "Batch" in operation else body)
            if self._chance.random() >= self.rate or self._in_a_row[call] >= IN_A_ROW_MAX:
                if operation not in fault.WRITES:  # of those many may be the same at once
                    self._in_a_row.pop(call, None)
                return None
            asked = read(operation, body)
            self._in_a_row[call] += 1
            return self._noted(asked, self._chance.choice(fault.possible(asked)))

    def some(self, count: int) -> list[int]:
        """A few places of so many, at least one."""
        with self._lock:
            return sorted(self._chance.sample(range(count), self._chance.randint(1, count)))

    def _noted(self, asked: Asked, one: Fault) -> tuple[Asked, Fault]:
        self.told[one.name, asked.operation] += 1
        return asked, one

    def _making(self) -> Callable[..., BaseHTTPRequestHandler]:
        proxy, upstream = self, self._upstream

        class Between(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = TIMEOUT_S
            wbufsize = -1  # an answer in one piece: half of one waits for an acknowledgement
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                self.connection_on = HTTPConnection(upstream, timeout=TIMEOUT_S)

            def finish(self) -> None:
                self.connection_on.close()
                super().finish()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                is_form = form.is_form(body)
                target = self.headers.get("x-amz-target", "").rpartition(".")[2]
                operation = form.operation_of(body) if is_form else target or self.of_rest()
                call = body or self.path.encode()  # what tells one from another
                drawn = proxy.drawn(operation, call)
                if drawn is None:
                    answer: Answer | None = self.on_as_it_is(body)
                else:
                    asked, one = drawn
                    answer = one.done(asked, self.on_form if is_form else self.on, proxy.some)
                    if answer is not None and is_form:
                        answer = form.as_xml(answer, operation)
                if answer is None:
                    self.close_connection = True
                    return
                self.answer(answer)

            do_PUT = do_DELETE = do_POST

            def of_rest(self) -> str:
                """Of a service whose operations are methods and paths."""
                return REST.get((self.command, self.path.split("/")[1]), "")

            def on(self, said: Mapping[str, Any]) -> Answer:
                return self.on_as_it_is(json.encode(said) if said else b"")

            def on_form(self, said: Mapping[str, Any]) -> Answer:
                answer = self.on_as_it_is(form.written({**said}))
                return form.as_json(answer, said["Action"])

            def on_as_it_is(self, body: bytes) -> Answer:
                """To MiniStack and back."""
                kept = ("content-type", "authorization", "x-amz-date", *OPERATION)
                headers = {name: self.headers[name] for name in kept if name in self.headers}
                self.connection_on.request(self.command, self.path, body, headers)
                with self.connection_on.getresponse() as found:
                    return Answer(found.status, found.read(), dict(found.getheaders()))

            def answer(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() in ("content-type", "x-amzn-errortype", "x-amzn-query-error"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        return Between


def read(operation: str, body: bytes) -> Asked:
    if body.startswith(b"/"):
        return Asked(operation, {})  # all of it stands in its path
    said = form.read(body) if form.is_form(body) else json.decode(body, type=dict[str, Any])
    return Asked(operation, said)
