"""What `skylift doctor` found: one row a subject."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """`hint` is worth knowing; only `wrong` fails the command."""

    part: str  # machine, app or state, and which
    subject: str
    verdict: Literal["ok", "hint", "wrong"]
    found: str
    remedy: str = ""


def of_error(part: str, subject: str, error: Exception) -> Finding:
    """An error that carries its own hint."""
    found, _, remedy = str(error).partition("\n    hint: ")
    return Finding(part, subject, "wrong", found, remedy.strip())


def in_bytes(count: int) -> str:
    """12.3 MiB"""
    size, units = float(count), ["bytes", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size, units = size / 1024, units[1:]
    return f"{count} bytes" if units[0] == "bytes" else f"{size:.1f} {units[0]}"
