"""Routes that run in processes of their own: one for each thing that can become of a call."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import ParamSpec, TypeVar

import pydantic

from skylift import Api, Conflict, Context, NotFound, Request, Response, Struct, Table, new_id, now

P = ParamSpec("P")
R = TypeVar("R")

api = Api("api")


class Picture(Struct):
    name: str
    width: int = 100
    taken: datetime | None = None
    price: Decimal | None = None


@dataclass
class Frame:
    picture: str
    colour: str = "white"


class Label(pydantic.BaseModel):
    text: str


pictures = Table("pictures", Picture, key="name")


@api.get("/process", isolate=True)
def process() -> int:
    return os.getpid()


@api.get("/group", isolate=True)
def group() -> int:
    return os.getpgid(0)


@api.post("/pictures", isolate=True)
def shrink(picture: Picture) -> Picture:
    return Picture(picture.name, picture.width // 2, picture.taken, picture.price)


@api.post("/frames", isolate=True)
def paint(frame: Frame) -> Frame:
    return Frame(frame.picture, "black")


@api.post("/labels", isolate=True)
def shout(label: Label) -> Label:
    return Label(text=label.text.upper())


@api.get("/asked/{what}", isolate=True)
def asked(what: str, request: Request, context: Context, loud: bool = False) -> list[str]:
    return [what, request.path, request.query_string, context.function, str(loud)]


@api.get("/large", isolate=True)
def large(size: int) -> Response:
    return Response(b"x" * size)


@api.get("/kept", isolate=True)
def kept() -> int:
    """How often it was called in this process."""
    calls.append(1)
    return len(calls)


calls: list[int] = []


def logged(handler: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(handler)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        return handler(*args, **kwargs)

    return inside


@api.get("/decorated", isolate=True)
@logged
def decorated() -> str:
    return "done"


# -- what goes wrong


class RoomFull(Conflict):
    """It takes what its message is made of, as errors do."""

    def __init__(self, room: str) -> None:
        super().__init__(f"room {room} is full", room=room)


class Jammed(Exception):
    def __init__(self, code: int, lock: object) -> None:
        super().__init__(f"jammed with code {code}")
        self.lock = lock


@api.get("/full", isolate=True)
def full() -> None:
    raise RoomFull("blue")


def halved(width: int) -> float:
    return 1 / width


@api.get("/bug", isolate=True)
def bug() -> None:
    try:
        halved(0)
    except ZeroDivisionError as error:
        raise LookupError("no such width") from error


@api.get("/unread", isolate=True)
def unread() -> None:
    Path("no such picture").read_text()


@api.get("/jammed", isolate=True)
def jammed() -> None:
    raise Jammed(7, threading.Lock())


@api.get("/ends/{how}", isolate=True)
def end(how: str) -> None:
    ENDS[how]()


def leave() -> None:
    raise SystemExit(4)


ENDS: dict[str, Callable[[], object]] = {
    "exit": lambda: os._exit(3),
    "fault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "leave": leave,
}


@api.get("/iterates", isolate=True)
def iterate() -> int:
    return next(iter(list[int]()))


@api.get("/unwritable", isolate=True)
def unwritable() -> object:
    return [threading.Lock()]


@api.get("/verb", isolate=True, uses=(pictures.put,))
def verb() -> None:
    pictures.put(Picture("never")).send(None)


@api.get("/clock", isolate=True)
def clock() -> str:
    return now().isoformat()


@api.get("/id", isolate=True)
def identify() -> str:
    return new_id()


@api.get("/missing", isolate=True)
def missing() -> None:
    raise NotFound("no such picture")


# -- what takes its time


@api.get("/endless", isolate=True, timeout_s=0.5)
def endless(note: str) -> None:
    note_in(note, os.getpid())
    while True:
        pass


@api.get("/program", isolate=True, timeout_s=0.5)
def program(note: str) -> None:
    with subprocess.Popen(["sleep", "60"]) as running:
        note_in(note, running.pid)
        running.wait()


@api.get("/waiting", isolate=True)
def wait(note: str, until: str) -> int:
    note_in(note, os.getpid())
    while not Path(until).exists():
        time.sleep(0.005)
    return os.getpid()


def note_in(file: str, process: int) -> None:
    """All at once: who reads it finds a number."""
    Path(f"{file}.new").write_text(str(process))
    Path(f"{file}.new").rename(file)
