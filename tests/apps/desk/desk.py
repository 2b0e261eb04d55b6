"""A desk that signs for what it is given: how it greets and how much it takes differ from stage to
stage, and nobody sees what it signs with.
"""

from __future__ import annotations

from enum import Enum
from hashlib import sha256

from skylift import Api, Limit, NotFound, Rate, Request, Secret, Setting, Struct


class Tone(Enum):
    PLAIN = "plain"
    LOUD = "loud"


class Greeting(Struct):
    text: str
    items_max: int


class Signature(Struct):
    digest: str


api = Api("api", throttle=Rate(per_s=100, burst=50))
greeting = Setting("greeting", str, "hello")
items_max = Setting("items_max", int, 3)
tone = Setting("tone", Tone, Tone.PLAIN)
signing = Secret("signing")
sealing = Secret("sealing", rotate=True)
stamping = Secret("stamping", optional=True)


@api.get("/greeting")
async def greet() -> Greeting:
    text = await greeting.value()
    is_loud = await tone.value() is Tone.LOUD
    return Greeting(text.upper() if is_loud else text, await items_max.value())


@api.post("/signatures/{item}")
async def sign(item: str) -> Signature:
    return Signature(sha256(f"{await signing.reveal()} {item}".encode()).hexdigest())


@api.post("/seals/{item}")
async def seal(item: str) -> Signature:
    return Signature(sha256(f"{await sealing.reveal()} {item}".encode()).hexdigest())


@api.post("/stamps/{item}")
async def stamp(item: str) -> Signature:
    """Of a desk that has no stamp, none."""
    key = await stamping.reveal()
    return Signature(sha256(f"{key} {item}".encode()).hexdigest() if key else "")


def of_key(request: Request) -> str:
    return request.headers.get("x-api-key", "")


@api.get("/hours", limit=Limit(3, per_s=60, by="ip"))
def hours() -> Greeting:
    return Greeting("nine to five", 0)


@api.get("/stock", throttle=Rate(per_s=1, burst=2))
async def stock() -> Greeting:
    return Greeting("all there", 0)


@api.post("/orders", limit=Limit(2, per_s=3_600, by=of_key), once=True)
async def order(wanted: Greeting) -> Greeting:
    return wanted


@api.post("/lost/{item}")
async def lose(item: str) -> None:
    """What fails while it holds a secret."""
    key = await signing.reveal()
    if item == "known":
        raise NotFound(f"there is no {item}")
    raise RuntimeError(f"{item} of {len(key)} letters is lost")
