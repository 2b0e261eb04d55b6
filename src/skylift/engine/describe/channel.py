"""The module by which a page subscribes to channels: one file, as it stands beside this one."""

from __future__ import annotations

from ...http import Answer

HEADERS = (
    ("content-type", "text/javascript; charset=utf-8"),
    ("cache-control", "no-cache"),
    ("access-control-allow-origin", "*"),  # it holds nothing of anybody's
    ("x-content-type-options", "nosniff"),
)


def client() -> Answer:
    with open(__file__.removesuffix(".pyc").removesuffix(".py") + ".js", "rb") as file:
        return Answer(200, HEADERS, file.read())
