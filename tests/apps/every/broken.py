"""Routes that answer 5xx on purpose; whoever looks for server errors leaves this module out."""

from skylift import AccessDenied, Busy, Expired, Unavailable

from .api import api


@api.get("/broken/bug")
async def bug() -> int:
    return 1 // int("0")


@api.get("/broken/sync-bug")
def sync_bug() -> int:
    return 1 // int("0")


@api.get("/broken/denied")
async def denied() -> None:
    raise AccessDenied("broken.denied may not seats.scan")


@api.get("/broken/expired")
async def expired() -> None:
    raise Expired("too late")


@api.get("/broken/busy")
async def busy() -> None:
    raise Busy("try again")


@api.get("/broken/unavailable")
async def unavailable() -> None:
    raise Unavailable("the store is away", unknown=True)


@api.get("/broken/slow", timeout_s=0.05)
async def slow() -> None:
    from asyncio import sleep

    await sleep(30)
