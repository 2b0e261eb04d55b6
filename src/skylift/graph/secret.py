"""What can be wrong with a Secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Mistake
from ..function import Function
from ..resources.secret import Secret


def mistakes(secret: Secret, _: list[Function[..., Any]]) -> Iterator[Mistake]:
    if secret.rotate not in (True, False):
        reason = f"secret {secret.name!r}: rotate={secret.rotate!r}"
        yield Mistake(secret.place, reason, "True or False")
