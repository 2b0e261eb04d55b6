"""What an Api answers where no route does. The gateway asks this function then; it needs nothing of
the app but the list of routes, and its description when somebody wants to read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import json

from ...engine.route import Router
from ...engine.unrouted import Unrouted
from .lambda_http import as_payload, read


class DefaultLambda:
    """`path` is the file of the OpenAPI document."""

    def __init__(self, app: str, routes: Sequence[tuple[str, str]], path: str) -> None:
        router = Router((method, template, None) for method, template in routes)
        self._name, self._path = f"{app}, where no route is", path
        self._unrouted = Unrouted(router.allowed, self._described)

    def handle(self, event: Any, _context: Any) -> dict[str, Any]:
        request, _ = read(event, self._name)
        return as_payload(self._unrouted.answer(request), request.method)

    def _described(self) -> dict[str, Any]:
        with open(self._path, "rb") as file:
            return json.decode(file.read(), type=dict[str, Any])
