"""Requests that may come twice. One with an Idempotency-Key is carried out once: while it runs a
repeat is told so, and afterwards it gets the stored answer. A run that raised is none, and runs
again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import msgpack

from ..errors import BadRequest, Conflict, Expired, Invalid, SkyliftError
from ..http import Answer, Request
from ..invocation import Invocation, Once, check_alive, invocation
from ..ports import Found, OnceMark
from .answer import problem
from .invoke import Target, Way, called, check_tasks
from .once import GRACE_S, KEY_LENGTH_MAX, TAKEN, record_key

KEY_HEADER = "idempotency-key"
REPLAYED = (("idempotency-replayed", "true"),)
STORED_BYTES_MAX = 350_000  # of an answer: an item on AWS, with room for the rest of the record
RETRY_AFTER_S = 1  # most runs take less


class Asking(NamedTuple):
    """A request whose arguments are bound, with the key it came with."""

    request: Request
    key: str | None
    arguments: dict[str, Any]


class OnceRoute:
    """Stands before the handler of one route: `target` and `way` are invoked in place of its
    own.
    """

    def __init__(self, target: Target, way: Way) -> None:
        self._target, self._way = target, way
        self.target = Target(
            *(target.name, self._carried_out, True, target.grants, target.timeout_s),
            target.concurrency_max,
        )
        self.way = Way(self._bind, _as_it_is, answers=way.answers)

    def _bind(self, request: Request, path: dict[str, str]) -> dict[str, Any]:
        key = key_of(request)
        return {"asking": Asking(request, key, self._way.bind(request, path))}

    async def _carried_out(self, asking: Asking) -> Answer:
        running = invocation()
        if asking.key is None:
            running.once = Once()
            return await self._answer(running, asking)
        mark = OnceMark(self._record(asking.request, asking.key), running.id)
        once = running.once = Once(mark)
        ledger, until = running.ports.ledger, running.deadline + GRACE_S
        try:
            (found,) = await ledger.begin([mark], until, fingerprint(asking.request))
            if found.state != "begun":
                return known(found, running.ports.clock.time())
            answer = await self._answer(running, asking)
            check_alive(running, "its answer")
        except BaseException as error:
            if not isinstance(error, GeneratorExit):  # it may not wait for anything any more
                await _give_up(running, once)
            raise
        return await self._stored(running, mark, answer)

    def _record(self, request: Request, key: str) -> str:
        """A key is its caller's own: nobody is answered with what another was told."""
        caller = request.caller
        return record_key(self._target.name, key if caller is None else f"{caller.id} {key}")

    async def _answer(self, running: Invocation, asking: Asking) -> Answer:
        result = await called(self._target, running.ports, asking.arguments)
        check_tasks(running)
        return self._way.finish(result)

    async def _stored(self, running: Invocation, mark: OnceMark, answer: Answer) -> Answer:
        """The answer, once it is kept for those who ask again. One that is too large is not sent
        either: a repeat could not be told the same.
        """
        refusal, stored = None, msgpack.encode(answer)
        if len(stored) > STORED_BYTES_MAX:
            refusal = too_large(len(stored))
            stored = msgpack.encode(problem(refusal))
        (is_kept,) = await running.ports.ledger.finish([mark], stored)
        if not is_kept:
            raise Expired(f"{self._target.name}: {TAKEN}")
        if refusal is not None:
            running.ports.report.failed(running, refusal)
            raise refusal
        return answer


async def _give_up(running: Invocation, once: Once) -> None:
    """The next one runs; unless a transaction has finished the record, then no answer will come."""
    assert once.mark is not None
    ledger = running.ports.ledger
    try:
        if once.is_finished:
            await ledger.finish([once.mark])
        else:
            await ledger.abandon([once.mark])
    except SkyliftError:
        return  # the record counts for nothing a little after the deadline, and says no more


def known(found: Found, now: float) -> Answer:
    """The answer to a request whose key is known."""
    if found.state == "other":
        reason = "this Idempotency-Key came with another request. hint: a new request, a new key"
        return problem(Invalid(reason))
    if found.result is not None:
        answer = msgpack.decode(found.result, type=Answer)
        return Answer(answer.status, answer.headers + REPLAYED, answer.body)
    if found.state == "running" or found.until > now:
        reason = "the request with this Idempotency-Key is being carried out. hint: ask again"
        return problem(Conflict(reason, retry_after_s=RETRY_AFTER_S))
    return problem(Conflict("this request was carried out, and its answer was lost"))


def key_of(request: Request) -> str | None:
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= KEY_LENGTH_MAX or not all("!" <= letter <= "~" for letter in key):
        raise BadRequest(f"an Idempotency-Key has 1 to {KEY_LENGTH_MAX} visible ASCII letters")
    return key


def fingerprint(request: Request) -> str:
    """What is the same request: the method, the path with its query, and every byte of the body."""
    from hashlib import sha256  # a request without a key does not need it

    head = f"{request.method} {request.path}?{request.query_string}\n"
    return sha256(head.encode("utf-8", "surrogatepass") + request.body).hexdigest()


def too_large(size: int) -> Invalid:
    return Invalid(
        f"the answer has {size:,} bytes, and with once=True at most {STORED_BYTES_MAX:,} are kept "
        "for a repeat. It was carried out, and is not again. hint: answer with an id or a URL"
    )


def _as_it_is(answer: Answer) -> Answer:
    return answer
