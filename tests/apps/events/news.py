"""A topic with three subscribers, each with a filter or none, and a queue that it feeds."""

from skylift import Backoff, Context, Dead, Queue, Struct, Topic

from .api import api
from .arrivals import arrived, buried

BIG = {"size": [{"numeric": [">", 5]}]}
LOCAL = {"place": ["here", {"prefix": "near"}]}
QUIET = {"place": [{"anything-but": ["here"]}]}
SOON = Backoff(first_s=0.005, max_s=0.02)


class News(Struct):
    id: str
    size: int
    place: str
    failures: int = 0  # of its first attempts, with each who gets it


news = Topic("news", News)
digest = Queue("digest", News)
news.feeds(digest, where=QUIET)


@api.post("/news")
async def tell(one: News) -> None:
    await news.publish(one)


@news.subscriber
async def read_all(one: News, context: Context) -> None:
    await taken(one, context, "read_all")


@news.subscriber(where=BIG)
async def read_big(one: News, context: Context) -> None:
    await taken(one, context, "read_big")


@news.subscriber(where=LOCAL)
async def read_local(one: News, context: Context) -> None:
    await taken(one, context, "read_local")


@digest.consumer(attempts_max=3, backoff=SOON)
async def read_digest(one: News, context: Context) -> None:
    await taken(one, context, "read_digest")


async def taken(one: News, context: Context, by: str) -> None:
    if context.attempt <= one.failures:
        raise RuntimeError(f"attempt {context.attempt} of {one.failures} that fail")
    await arrived(one.id, by)


@read_all.dead.consumer(backoff=SOON, attempts_max=50)
async def bury_all(dead: Dead[News]) -> None:
    await gone(dead, "read_all")


@read_big.dead.consumer(backoff=SOON, attempts_max=50)
async def bury_big(dead: Dead[News]) -> None:
    await gone(dead, "read_big")


@read_local.dead.consumer(backoff=SOON, attempts_max=50)
async def bury_local(dead: Dead[News]) -> None:
    await gone(dead, "read_local")


@read_digest.dead.consumer(backoff=SOON, attempts_max=50)
async def bury_digest(dead: Dead[News]) -> None:
    await gone(dead, "read_digest")


async def gone(dead: Dead[News], by: str) -> None:
    assert dead.message is not None
    await buried(dead.message.id, by, dead.reason)
