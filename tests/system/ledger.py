"""Talking to `tests/apps/ledger` while it is served, one connection a request."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from msgspec import json

from tests.served import SKYLIFT, Served
from tests.system.serving import Client, Received, request

APP = Path(__file__).parents[1] / "apps" / "ledger"
TEXT = "t" * 500
COMMAND_S_MAX = 20


def entry(id: str) -> dict[str, str]:
    return {"id": id, "book": "one", "text": TEXT}


def create(served: Served, id: str) -> Received:
    return ask(served, "POST", "/entries", entry(id))


def known(served: Served, ids: Sequence[str]) -> set[str]:
    return set(ask(served, "POST", "/entries/known", {"ids": ids}).json["ids"])


def listed(served: Served) -> set[str]:
    with closing(Client(served.port)) as client:
        return set(client.get("/books/one").json["ids"])


def ask(served: Served, method: str, path: str, body: object) -> Received:
    with closing(Client(served.port)) as client:
        return client.send(request(method, path, body=json.encode(body))).answer()


def skylift(*said: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SKYLIFT, *said], capture_output=True, text=True, timeout=COMMAND_S_MAX)
