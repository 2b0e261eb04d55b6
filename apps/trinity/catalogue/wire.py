"""How TMDB is asked: over one connection for a page in both languages, tried again where that may
help, and in a time that nothing exceeds. All of it waits, so it runs in a thread; only who asks
loads it.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Event, Thread
from urllib.parse import urlsplit

from skylift import Struct

from .tmdb import Unreachable

SILENT_S = 3.0  # no longer than this for a connection, or for the next bytes
ANSWER_BYTES_MAX = 1_000_000
TRIES = 3
AFTER_MAX_S = 600.0  # whatever it says: a key that was set anew is tried within ten minutes


class Ask(Struct, frozen=True):
    base: str
    paths: list[str]
    token: str
    within_s: float  # for all of it
    pause_s: float  # before the second try; twice that before the third


def fetched(ask: Ask) -> list[bytes]:
    """The bodies. Unreachable when there is none in time. What a socket's time-out does not see, a
    name that nobody resolves or bytes that drip, is left behind in a thread of its own.
    """
    said: list[list[bytes] | Unreachable] = []
    thread = Thread(target=lambda: said.append(_tried(ask)), name="tmdb", daemon=True)
    thread.start()
    thread.join(ask.within_s)
    answer = said[0] if said else Unreachable("it takes too long")
    if isinstance(answer, Unreachable):
        raise answer
    return answer


def _tried(ask: Ask) -> list[bytes] | Unreachable:
    for again in range(1, TRIES + 1):
        try:
            return _all(ask)
        except Unreachable as no:
            pause_s = no.after_s if no.after_s is not None else ask.pause_s * again
            if again == TRIES or not no.may_pass or pause_s >= ask.within_s:
                return no
            Event().wait(pause_s)
    raise AssertionError("the last try answers")


def _all(ask: Ask) -> list[bytes]:
    try:
        place = urlsplit(ask.base)
        kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
        connection = kind(place.hostname or "", place.port, timeout=min(SILENT_S, ask.within_s))
        try:
            return [_one(connection, place.path.rstrip("/") + path, ask) for path in ask.paths]
        finally:
            connection.close()
    except (OSError, HTTPException) as error:
        raise Unreachable(f"it cannot be asked: {type(error).__name__}", may_pass=True) from None
    except ValueError as error:  # of a key or an address that no request can have: it is told of
        raise Unreachable(f"it cannot be asked so: {type(error).__name__}") from None


def _one(connection: HTTPConnection, path: str, ask: Ask) -> bytes:
    headers = {
        "authorization": f"Bearer {ask.token}",
        "accept": "application/json",
        "user-agent": "trinity",
    }
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read(ANSWER_BYTES_MAX + 1)
    if answer.status != 200:
        raise _refusal(answer)
    if len(body) > ANSWER_BYTES_MAX:
        raise Unreachable("its answer is too long")
    return body


def _refusal(answer: HTTPResponse) -> Unreachable:
    if answer.status == 401:
        return Unreachable(
            "it refuses the key. hint: skylift secret set APP tmdb, with its API read access token"
        )
    said = answer.getheader("retry-after") or ""
    after_s = min(float(said), AFTER_MAX_S) if said.isascii() and said.isdecimal() else None
    may_pass = answer.status == 429 or answer.status >= 500
    return Unreachable(f"it answers {answer.status}", may_pass=may_pass, after_s=after_s)
