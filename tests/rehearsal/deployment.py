"""An app that `skylift deploy` has brought to MiniStack, driven from outside as its users would."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from tests.rehearsal.ministack import REGION, Ministack
from tests.served import SKYLIFT

COMMAND_S_MAX = 240.0  # of a large app, on a busy machine
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Told:
    """What a command said, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Deployment:
    """One stage of an app: `skylift("deploy")`, then `ask("GET", "/notes/1")`."""

    def __init__(self, stack: Ministack, app: Path, state: Path, stage: str = "dev") -> None:
        self.stack, self.app, self.state, self.stage = stack, app, state, stage
        self.host = ""
        self._clients = dict[str, Any]()
        self._session: Any = boto3.Session(region_name=REGION)

    def command(self, deed: str, *more: str) -> list[str]:
        state = [] if deed == "destroy" else [f"--state={self.state}"]
        said = [SKYLIFT, deed, str(self.app), f"--stage={self.stage}", *state]
        return [*said, f"--endpoint-url={self.stack.url}", *more]

    @property
    def environment(self) -> dict[str, str]:
        named = ("PATH", "HOME", "LANG")
        kept = {name: os.environ[name] for name in named if name in os.environ}
        given = dict(self.stack.environment)
        del given["AWS_ENDPOINT_URL"]  # it is said by --endpoint-url
        return kept | given

    def skylift(self, deed: str, *more: str) -> Told:
        began = time.monotonic()
        done = subprocess.run(
            self.command(deed, *more),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_S_MAX,
            stdin=subprocess.DEVNULL,
        )
        return Told(done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def deployed(self, *more: str) -> Any:
        """What a deploy says that succeeds."""
        told = self.skylift("deploy", "--json", *more)
        assert told.code == 0, told.err
        *_, url = told.json["urls"].values()  # of its Api; that of a site is before it
        self.host = urlsplit(url).netloc
        return told.json | {"took_s": told.seconds}

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """Of its Api, by the name that it has there."""
        sent = None if body is None else json.dumps(body)
        said = {"Host": self.host, "Content-Type": "application/json", **(headers or {})}
        connection = HTTPConnection("127.0.0.1", self.stack.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, sent, said)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, named, answer.read())
        finally:
            connection.close()

    def until(self, path: str, holds: Callable[[Reply], bool]) -> Reply:
        """Ask for it until it is as it should be."""
        until = time.monotonic() + PATIENCE_S
        while True:
            reply = self.ask("GET", path)
            if holds(reply):
                return reply
            assert time.monotonic() < until, (path, reply, self.stack.log[-4000:])
            time.sleep(0.1)

    def client(self, service: str) -> Any:
        """Of AWS's own SDK, to look behind the app's back."""
        if service not in self._clients:
            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
            self._clients[service] = self.client_of(service, **keys)
        return self._clients[service]

    def client_of(self, service: str, **credentials: str) -> Any:
        """The same for somebody else. One session reads what a service can do once."""
        return self._session.client(service, endpoint_url=self.stack.url, **credentials)
