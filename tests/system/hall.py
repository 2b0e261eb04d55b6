"""The hall, served: what its people do over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.served import HTTP, Served

HALL = Path(__file__).parents[1] / "apps" / "hall"


class Hall:
    def __init__(self, state: Path) -> None:
        self.served = Served(HALL, state)
        self.port = self.served.port

    def post(self, path: str, token: str = "", **body: Any) -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        url = f"http://127.0.0.1:{self.port}{path}"
        answer = HTTP.post(url, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def guest(self, name: str = "Ann") -> str:
        """A token."""
        return self.post("/guests", name=name)["access"]

    def room(self, token: str) -> str:
        """The id of a room with who has this token in it."""
        return self.post("/rooms", token)["id"]
