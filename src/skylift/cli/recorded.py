"""What commands that show telemetry have in common: whose it is, and how times and texts look."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import DeclarationError
from ..telemetry.reader import Reader
from ..telemetry.record import Log, Place
from ..telemetry.store import TELEMETRY_FILE
from .load import UserError
from .reading import graph_of, quietly_loaded

ID_SHOWN = 8  # letters of an id: enough to name it
VALUE_SHOWN = 200  # letters of one value


def state_of(options: argparse.Namespace) -> Path:
    """The folder of the app's state. An app whose code is broken can be named by its name, too: its
    logs are wanted then.
    """
    by_name: Path = options.state / options.app
    try:
        return options.state / quietly_loaded(options.app).app
    except (UserError, DeclarationError):
        if (by_name / TELEMETRY_FILE).exists():
            return by_name
    return options.state / graph_of(options).app


def reader_of(options: argparse.Namespace) -> Reader:
    return Reader(state_of(options))


def day(time: float) -> str:
    return f"{moment(time):%Y-%m-%d} UTC"


def clock(time: float) -> str:
    return f"{moment(time):%H:%M:%S.%f}"[:-3]


def moment(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def iso(time: float) -> str:
    return f"{moment(time):%Y-%m-%dT%H:%M:%S.%fZ}"


def took(seconds: float) -> str:
    """Three digits that matter: 85 µs, 1.2 ms, 340 ms, 4.5 s, 3 min 20 s."""
    if seconds < 0.0009995:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.9995:
        ms = seconds * 1e3
        return f"{ms:.1f} ms" if ms < 99.95 else f"{ms:.0f} ms"
    if seconds < 59.995:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def visible(text: str) -> str:
    """What a terminal would obey is shown instead."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode()
        for one in text.expandtabs(4)
    )


def shown_fields(log: Log) -> str:
    """`note_id=17  by="a friend"`"""
    return "  ".join(f"{name}={_value(value)}" for name, value in log.fields.items())


def _value(value: Any) -> str:
    text = str(value)
    if isinstance(value, str) and (not text or set(text) & set(' "=')):
        text = f'"{text}"'
    return text if len(text) <= VALUE_SHOWN else f"{text[:VALUE_SHOWN]}…"


def frames_of(log: Log) -> list[str]:
    """The lines of its exception. What the text has said already is left out."""
    exception = log.exception.removeprefix(log.text).strip("\n")
    return visible(exception).splitlines()


def shown_place(place: Place) -> str:
    """`hello/notes.py:17 in write`, seen from here where that is shorter."""
    near = os.path.relpath(place.file)
    file = place.file if near.startswith("..") else near
    return f"{file}:{place.line} in {place.function}"


def as_document(log: Log) -> dict[str, Any]:
    """With --json."""
    return {
        "time": iso(log.time),
        "level": log.level,
        "logger": log.logger,
        "function": log.function,
        "text": log.text,
        "fields": log.fields,
        "exception": log.exception,
        "trace": log.trace,
        "span": log.span,
    }
