"""What can be wrong with a Secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Mistake
from ..function import Function
from ..resources.secret import Secret


def mistakes(secret: Secret, _: list[Function[..., Any]]) -> Iterator[Mistake]:
    for option, said in (("rotate", secret.rotate), ("optional", secret.optional)):
        if said not in (True, False):
            reason = f"secret {secret.name!r}: {option}={said!r}"
            yield Mistake(secret.place, reason, "True or False")
