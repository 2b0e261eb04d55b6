"""Those who hear what a bus was told: functions, and a queue that is fed."""

from __future__ import annotations

from skylift import Bus, Context, Queue, Struct


class Told(Struct):
    text: str
    loud: bool = False


class Hushed(Struct):
    text: str


class Heard:
    """Who heard what, by which attempt and trace; who cannot hear of it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.calls: list[tuple[str, str, int]] = []
        self.traces: list[str] = []
        self.deaf: set[str] = set()

    def add(self, who: str, text: str, context: Context) -> None:
        self.calls.append((who, text, context.attempt))
        self.traces.append(context.trace)
        if who in self.deaf:
            raise ValueError(f"{who} is deaf")

    def of(self, who: str) -> list[tuple[str, int]]:
        return [(text, attempt) for name, text, attempt in self.calls if name == who]


heard = Heard()
square = Bus("square", archive_days=2)
notes = Queue("notes", Told)
square.feeds(notes, Told, where={"loud": [True]})


@square.on(Told)
async def ann(event: Told, context: Context) -> None:
    heard.add("ann", event.text, context)


@square.on(Told, where={"text": [{"prefix": "fire"}]}, attempts_max=1)
async def bob(event: Told, context: Context) -> None:
    heard.add("bob", event.text, context)


@square.on(Told, once=True)
async def cat(event: Told, context: Context) -> None:
    heard.add("cat", event.text, context)


@square.on(Told, once_by="text")
async def dan(event: Told, context: Context) -> None:
    heard.add("dan", event.text, context)


@square.on(Hushed)
async def eve(event: Hushed, context: Context) -> None:
    heard.add("eve", event.text, context)


@notes.consumer
async def write(event: Told, context: Context) -> None:
    heard.add("write", event.text, context)
