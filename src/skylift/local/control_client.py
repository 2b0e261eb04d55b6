"""Asking the process that owns a state: blocking, one request."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TypeVar

from msgspec import UnsetType, json

from .control import Refused, Request
from .control_server import REQUEST_BYTES_MAX, Reply
from .control_socket import connected

PIECE_BYTES = 1 << 16

A = TypeVar("A")


class Unanswered(Exception):
    """The owner took the request, and ended before it answered: it may have been done."""


class Broken(Exception):
    """The owner could not answer for a bug of skylift's."""


class Silent(Exception):
    """The owner is there, and says nothing: it is stopped, or its loop is blocked."""


def asked(folder: Path, request: Request, answer: type[A], within_s: float | None = None) -> A:
    """The owner's answer; Refused when it says no, Broken when it cannot, NotListening when there
    is nobody to ask.
    """
    line = json.encode(request) + b"\n"
    if len(line) > REQUEST_BYTES_MAX:
        raise Refused(f"the request has {len(line):,} bytes, the limit is {REQUEST_BYTES_MAX:,}")
    with connected(folder) as found:
        found.settimeout(within_s)
        reply = json.decode(_exchanged(found, line), type=Reply)
    if reply.is_bug:
        raise Broken(f"{reply.error}\n    hint: {reply.hint}")
    if isinstance(reply.answer, UnsetType):
        raise Refused(reply.error, reply.hint)
    return json.decode(reply.answer, type=answer)


def _exchanged(found: socket.socket, line: bytes) -> bytes:
    pieces: list[bytes] = []
    try:
        found.sendall(line)
        while not pieces or not pieces[-1].endswith(b"\n"):
            piece = found.recv(PIECE_BYTES)
            if not piece:
                raise Unanswered("the app stopped before it answered")
            pieces.append(piece)
    except TimeoutError as error:
        raise Silent from error
    except OSError as error:
        raise Unanswered(f"the app stopped before it answered: {error}") from error
    return b"".join(pieces)
