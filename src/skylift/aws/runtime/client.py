"""Calls to AWS: signed, over kept connections, repeated where that is safe, within the deadline.

One Client is one service in one region. Its calls are awaited and wait as `wait.py` says: whoever
drives them needs no event loop, one with a loop drives them in a thread. Time, chance and the
environment come in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, json

from ...ports import Clock, Entropy
from .answer import Answer
from .environment import Environment, credentials_of, endpoint_of, region_of
from .failure import GARBLED, TOO_LATE, UNREADABLE, Failure, refused
from .sign import Call, Signer
from .wait import Wait
from .wire import Wire

if TYPE_CHECKING:
    from .retry import Effect, Kind, Quota, Retrying

# The prefix of its operations, and the version of AWS's JSON it speaks. Others are asked by `ask`.
SERVICES = {
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "sqs": ("AmazonSQS", "1.0"),
    "events": ("AWSEvents", "1.1"),
    "ssm": ("AmazonSSM", "1.1"),
    "secretsmanager": ("secretsmanager", "1.1"),
    "cognito-idp": ("AWSCognitoIdentityProviderService", "1.1"),
}
ATTEMPTS_MAX = 3
# An attempt that hangs must leave time for another.
ATTEMPT_S_MIN = 1.0
ATTEMPT_S_MAX = 15.0

A = TypeVar("A")


class World(Struct, frozen=True):
    """What a client is given of the world."""

    clock: Clock
    entropy: Entropy
    sleep: Callable[[float], object]


class Client:
    """One service. Threads may share it."""

    def __init__(
        self,
        service: str,
        environment: Environment,
        world: World,
        *,
        attempts_max: int = ATTEMPTS_MAX,
    ) -> None:
        region = region_of(environment)
        endpoint = endpoint_of(service, region, environment)
        self._target, version = SERVICES.get(service, ("", ""))
        self.headers = {
            "content-type": f"application/x-amz-json-{version}",
            "host": endpoint.authority,
        }
        self._service, self.path = service, endpoint.path
        self._signer = Signer(credentials_of(environment), region, service)
        bundle = environment.get("AWS_CA_BUNDLE", "")
        self._wire = Wire(endpoint, world.clock, bundle=bundle)
        self._world, self._attempts_max = world, attempts_max
        self._skew_s = 0.0  # how far AWS's clock is ahead of ours
        self._quota: Quota | None = None

    async def call(
        self,
        operation: str,
        asked: object,
        answer: type[A],
        *,
        deadline: float,
        effect: Effect = "single",
        is_signed: bool = True,
    ) -> A:
        """The answer to an operation of a service that speaks AWS's JSON; see `ask`."""
        headers = {**self.headers, "x-amz-target": f"{self._target}.{operation}"}
        call = Call("POST", self.path, "", headers, json.encode(asked))

        def read(found: Answer) -> A:
            return decoded(found, answer)

        return await self.ask(
            *(operation, call, read), deadline=deadline, effect=effect, is_signed=is_signed
        )

    async def ask(
        self,
        operation: str,
        call: Call,
        read: Callable[[Answer], A],
        *,
        deadline: float,
        effect: Effect = "single",
        is_signed: bool = True,
    ) -> A:
        """What is read of the answer to a call. It ends before `deadline` (seconds since the
        epoch), one way or the other; a Failure is `unknown` when the call may have been carried
        out. `effect` says what a repeat would do: "none" (it reads), "repeatable" (what one does),
        or "single". Some of what anybody may ask takes no signature.
        """
        clock = self._world.clock
        until = clock.monotonic() + deadline - clock.time()
        retrying: Retrying | None = None
        is_corrected = False
        while True:
            try:
                share = self._share(until, retrying, effect)
                done = read(await self._attempted(call, share, effect, is_signed))
            except Failure as failure:
                failure.operation = f"{self._service}.{operation}"
                if not is_corrected and self._correct(failure):
                    is_corrected = True
                    continue
                retrying = retrying or self._retrying(effect)
                pause_s = retrying.pause_s(failure, until - clock.monotonic(), self._chance())
            else:
                self._succeeded(retrying)
                return done
            await self._pause(pause_s)

    async def paused(self, rounds: int, deadline: float, kind: Kind = "throttled") -> bool:
        """Wait before asking again for what a batch left undone after so many rounds, or for what
        others were faster with; False when the deadline leaves no time for it.
        """
        from .retry import pause_s_max

        pause_s = self._chance() * pause_s_max(kind, rounds)
        if pause_s >= deadline - self._world.clock.time():
            return False
        await self._pause(pause_s)
        return True

    def close(self) -> None:
        self._wire.close()

    async def _attempted(self, call: Call, until: float, effect: Effect, is_signed: bool) -> Answer:
        at = datetime.fromtimestamp(self._world.clock.time() + self._skew_s, UTC)
        headers = self._signer.signed(call, at) if is_signed else dict(call.headers)
        message = written(call, headers)
        return await self._wire.exchange(message, until, is_repeatable=effect != "single")

    async def _pause(self, pause_s: float) -> None:
        if not await Wait((), self._world.clock.monotonic() + pause_s):
            self._world.sleep(pause_s)

    def _share(self, until: float, retrying: Retrying | None, effect: Effect) -> float:
        """When this attempt must end: the others there may still be get as much time."""
        now = self._world.clock.monotonic()
        left_s = until - now
        if left_s <= 0:
            raise Failure(TOO_LATE, "the deadline has passed")
        attempts = self._attempts_max - (retrying.attempt - 1 if retrying else 0)
        share_s = left_s if effect == "single" else left_s / max(1, attempts)
        return now + min(left_s, max(share_s, ATTEMPT_S_MIN), ATTEMPT_S_MAX)

    def _correct(self, failure: Failure) -> bool:
        """Whether our clock was the reason; it has been corrected then."""
        if not 400 <= failure.status < 500:
            return False
        from .skew import skew_s

        found = skew_s(failure, self._world.clock.time() + self._skew_s)
        self._skew_s += found or 0.0
        return found is not None

    def _retrying(self, effect: Effect) -> Retrying:
        from .retry import Quota, Retrying

        self._quota = self._quota or Quota()
        return Retrying(self._quota, effect, attempts_max=self._attempts_max)

    def _succeeded(self, retrying: Retrying | None) -> None:
        if retrying is not None:
            retrying.succeeded()
        elif self._quota is not None:
            self._quota.give(1)

    def _chance(self) -> float:
        return int.from_bytes(self._world.entropy.token_bytes(4), "big") / 2**32


def written(call: Call, headers: dict[str, str]) -> bytes:
    """The request as it goes over the wire."""
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    target = f"{call.path}?{call.query}" if call.query else call.path
    head = (
        f"{call.method} {target} HTTP/1.1\r\n{''.join(lines)}accept-encoding: identity\r\n"
        f"content-length: {len(call.body)}\r\nuser-agent: skylift\r\n\r\n"
    )
    # A header that says more than itself would be another request.
    assert head.count("\n") == len(lines) + 5
    return head.encode() + call.body


def decoded(found: Answer, answer: type[A]) -> A:
    """What an answer says; Failure when it refuses, or is not what was sent."""
    headers, body = found.headers, found.body
    is_done = 200 <= found.status < 300
    if reason := damage(headers, body):
        raise Failure(GARBLED, reason, unknown=is_done or found.status >= 500, status=found.status)
    if not is_done:
        raise refused(found.status, headers, body)
    try:
        return json.decode(body or b"{}", type=answer)
    except UNREADABLE as error:
        raise Failure(GARBLED, str(error), unknown=True, status=found.status) from error


def damage(headers: dict[str, str], body: bytes) -> str:
    """What happened to an answer on its way. DynamoDB sends a checksum along; TCP's has 16 bits."""
    if headers.get("content-encoding", "identity") != "identity":
        return "the answer is compressed, and nobody asked for that"
    told = headers.get("x-amz-crc32")
    if told is None:
        return ""
    from zlib import crc32

    return (
        "" if told == str(crc32(body)) else "the answer was damaged on its way: x-amz-crc32 differs"
    )
