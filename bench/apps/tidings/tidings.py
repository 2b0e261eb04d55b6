from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from skylift import Api, Function, Struct, Table, Topic, gather

SUBSCRIBERS = 50


class Word(Struct):
    id: str


class Words(Struct):
    ids: list[str]


class Heard(Struct):
    id: str
    by: int


api = Api("api")
tidings = Topic("tidings", Word)
heard = Table[Heard, str, int]("heard", Heard, key=("id", "by"))


@api.post("/words", status=202, timeout_s=30)
async def publish(words: Words) -> int:
    await gather(*[tidings.publish(Word(id)) for id in words.ids])
    return len(words.ids)


@api.get("/words/{id}")
async def count(id: str) -> int:
    return len([one.by async for one in heard.query(id)])


def subscriber(number: int) -> Function[[Word], Coroutine[Any, Any, None]]:
    async def hear(word: Word) -> None:
        await heard.put(Heard(word.id, number))

    hear.__name__ = hear.__qualname__ = f"hear_{number}"
    return tidings.subscriber(timeout_s=60)(hear)  # fifty processes begin at once, over there


for number in range(SUBSCRIBERS):
    globals()[f"hear_{number}"] = subscriber(number)
