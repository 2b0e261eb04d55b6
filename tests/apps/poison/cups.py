import os

from skylift import Api, Queue, Struct, Table


class Cup(Struct):
    id: str
    is_poisoned: bool = False


class Cups(Struct):
    cups: list[Cup]


class Known(Struct):
    drunk: list[str]
    dead: dict[str, str]  # ids and reasons


api = Api("api")
cups = Queue("cups", Cup)
drunk = Table("drunk", Cup, key="id")


@api.post("/cups")
async def pour(tray: Cups) -> None:
    await cups.send_many(tray.cups)


@cups.consumer(attempts_max=3)
async def drink(cup: Cup) -> None:
    if cup.is_poisoned:
        os._exit(1)
    await drunk.put(cup)


@api.get("/cups", uses=(drink.dead.peek,))
async def known() -> Known:
    letters = await drink.dead.peek(100)
    dead = {letter.message.id: letter.reason for letter in letters if letter.message}
    return Known([cup.id async for cup in drunk.scan()], dead)
