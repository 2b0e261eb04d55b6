"""Those who hear of what a topic tells: functions, and a queue that is fed."""

from __future__ import annotations

from skylift import Context, Queue, Struct, Topic


class Word(Struct):
    text: str
    loud: bool = False


class Ears:
    """Who heard what, by which attempt and trace; who does not want to hear of it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.heard: list[tuple[str, str, int]] = []
        self.traces: list[str] = []
        self.deaf: set[str] = set()

    def hear(self, who: str, word: Word, context: Context) -> None:
        self.heard.append((who, word.text, context.attempt))
        self.traces.append(context.trace)
        if who in self.deaf:
            raise ValueError(f"{who} is deaf")

    def of(self, who: str) -> list[tuple[str, int]]:
        return [(text, attempt) for name, text, attempt in self.heard if name == who]


ears = Ears()
street = Topic("street", Word)
notes = Queue("notes", Word)
march = Topic("march", Word, fifo=True)
column = Queue("column", Word, fifo=True)
street.feeds(notes, where={"loud": [True]})
march.feeds(column)


@street.subscriber
async def ann(word: Word, context: Context) -> None:
    ears.hear("ann", word, context)


@street.subscriber(where={"loud": [True]}, attempts_max=1)
async def bob(word: Word, context: Context) -> None:
    ears.hear("bob", word, context)


@street.subscriber(once_by="text", where={"text": [{"prefix": "#"}]})
async def cat(word: Word, context: Context) -> None:
    ears.hear("cat", word, context)


@notes.consumer(attempts_max=2)
async def write(word: Word, context: Context) -> None:
    ears.hear("write", word, context)


@column.consumer(attempts_max=2)
async def step(word: Word, context: Context) -> None:
    ears.hear("step", word, context)
