"""Every error an author can meet, in one tree.

SkyliftError                  the world's failure: a caller can act on it
  BadRequest 400              a request that cannot be read; a forged cursor
  Unauthorized 401  Forbidden 403  NotFound 404
  Conflict 409                a condition was false, or the key exists
  Gone 410                    it was here, and will not be again
  Invalid 422                 a value outside its type, the value domain or a limit
  TooManyRequests 429
  Busy 503                    contention outlasted the retries
  Unavailable 503             the store or a service failed; `unknown` when it may have happened
  PartlyDone 500              a batch verb that finished in part
  AccessDenied 500            a verb the function was not granted
  Expired 500                 a verb after the invocation's deadline or its handler's end
DeclarationError              the author's mistake, found before anything runs
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class SkyliftError(Exception):
    """Raised by verbs and authors alike; `more` becomes members of the problem+json answer."""

    status = 500
    title = "Internal Server Error"

    def __init__(self, detail: str = "", **more: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.more = more


class BadRequest(SkyliftError):
    status, title = 400, "Bad Request"


class Unauthorized(SkyliftError):
    status, title = 401, "Unauthorized"


class Forbidden(SkyliftError):
    status, title = 403, "Forbidden"


class NotFound(SkyliftError):
    status, title = 404, "Not Found"


class Conflict(SkyliftError):
    status, title = 409, "Conflict"


class Gone(SkyliftError):
    status, title = 410, "Gone"


class UnsupportedMediaType(SkyliftError):
    status, title = 415, "Unsupported Media Type"


class Invalid(SkyliftError):
    status, title = 422, "Unprocessable Content"


class TooManyRequests(SkyliftError):
    status, title = 429, "Too Many Requests"


class Throttled(SkyliftError):
    status, title = 503, "Service Unavailable"


class Busy(SkyliftError):
    status, title = 503, "Service Unavailable"


class Unavailable(SkyliftError):
    """The store or a service failed. `unknown` is true when the write may still have happened."""

    status, title = 503, "Service Unavailable"

    def __init__(self, detail: str = "", *, unknown: bool = False, **more: object) -> None:
        super().__init__(detail, **more)
        self.unknown = unknown


class PartlyDone(SkyliftError):
    """A batch verb finished in part: `done` were written, `failed` pairs each rest with its
    error.
    """

    def __init__(self, done: Sequence[object], failed: Sequence[tuple[object, Exception]]) -> None:
        super().__init__(f"{len(done)} done, {len(failed)} failed; first: {failed[0][1]}")
        self.done = list(done)
        self.failed = list(failed)


class AccessDenied(SkyliftError):
    """The function was not granted this verb; the message names the `uses=` that would allow it."""


class Expired(SkyliftError):
    """The invocation is over, by its deadline or its handler's end: nothing it does counts."""


class StateError(Exception):
    """The local state cannot be used: owned by another process, damaged, newer, read-only."""


class Mistake(Struct, frozen=True):
    """One thing wrong with a declaration: where, what, and what next."""

    place: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" + (
            f"\n    hint: {self.remedy}" if self.remedy else ""
        )


class DeclarationError(Exception):
    """All mistakes of an app at once; raised before anything starts, or by a call that names what
    does not exist.
    """

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A remedy that names the nearest known word, or lists what there is."""
    import difflib  # only ever needed to word a mistake

    near = difflib.get_close_matches(word, known, 1, 0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return "there is " + ", ".join(map(repr, sorted(known)[:12])) if known else "there is none"
