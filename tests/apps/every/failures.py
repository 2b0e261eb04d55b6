"""Each error an author raises for a client's mistake."""

from skylift import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    SkyliftError,
    TooManyRequests,
    Unauthorized,
)

from .api import api


class PaymentRequired(SkyliftError):
    status, title = 402, "Payment Required"


@api.get("/failures/unreadable")
async def unreadable() -> None:
    raise BadRequest("it cannot be read")


@api.get("/failures/unauthorized")
async def unauthorized() -> None:
    raise Unauthorized("nobody is signed in")


@api.get("/failures/forbidden")
async def forbidden() -> None:
    raise Forbidden


@api.get("/failures/missing")
async def missing() -> None:
    raise NotFound("it is not here", looked_in="everywhere")


@api.get("/failures/conflict")
async def conflict() -> None:
    raise Conflict("somebody was faster")


@api.get("/failures/gone")
async def gone() -> None:
    raise Gone("the code has expired", code="CODE_EXPIRED")


@api.get("/failures/invalid")
async def invalid(low: int = 0, high: int = 0) -> None:
    """What one field alone cannot know."""
    if low > high:
        raise Invalid("low is above high")


@api.get("/failures/too-many")
async def too_many() -> None:
    raise TooManyRequests("slow down", retry_after_s=3)


@api.get("/failures/own")
async def own() -> None:
    raise PaymentRequired("an error of the app's own")


@api.get("/failures/helper")
async def by_helper() -> None:
    refuse()


def refuse() -> None:
    raise Conflict("a helper of the app said so")
