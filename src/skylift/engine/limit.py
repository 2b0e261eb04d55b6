"""A route that counts who calls it, before its handler and before what it is given is looked at.
The headers are those of the IETF's draft: `RateLimit-Policy` says what is allowed, `RateLimit` what
is left of it.
"""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

from ..counted import Counted
from ..digest import sha256
from ..errors import TooManyRequests
from ..http import Answer, Request
from ..invocation import invocation
from ..resources.limit import Limit
from .answer import problem
from .invoke import Target, Way, called, check_tasks

POLICY = "default"
NETWORK_BYTES = 8  # of an IPv6 address: what comes behind them is everybody's own to choose


class Asked(NamedTuple):
    request: Request
    path: dict[str, str]


class LimitedRoute:
    """Stands before the handler of one route: `target` and `way` are invoked in place of its
    own.
    """

    def __init__(self, target: Target, way: Way, limit: Limit) -> None:
        self._target, self._way, self._limit = target, way, limit
        self.target = Target(
            *(target.name, self._counted, True, target.grants, target.timeout_s),
            target.concurrency_max,
        )
        self.way = Way(_asked, _as_it_is, answers=way.answers)
        quota = f'"{POLICY}";q={limit.n};w={ceil(limit.per_s)}'
        self._policy = ("ratelimit-policy", quota)

    async def _counted(self, asked: Asked) -> Answer:
        running, limit = invocation(), self._limit
        key = f"{self._target.name} {limit.n} {limit.per_s:g} {whose(limit, asked.request)}"
        found = await running.ports.ledger.count(key, limit.n, limit.per_s)
        headers = (self._policy, left_of(found))
        if not found.is_accepted:
            return problem(refusal(found), headers)
        arguments = self._way.bind(asked.request, asked.path)
        result = await called(self._target, running.ports, arguments)
        check_tasks(running)
        answer = self._way.finish(result)
        return Answer(answer.status, answer.headers + headers, answer.body)


def left_of(found: Counted) -> tuple[str, str]:
    return "ratelimit", f'"{POLICY}";r={found.left};t={ceil(found.free_s)}'


def refusal(found: Counted) -> TooManyRequests:
    wait_s = max(1, ceil(found.free_s))
    return TooManyRequests(f"ask again in {wait_s} s", retry_after_s=wait_s)


def whose(limit: Limit, request: Request) -> str:
    """Who counts as one, as a digest: what says who somebody is lies nowhere."""
    said = BY[limit.by](request) if isinstance(limit.by, str) else limit.by(request)
    if not isinstance(said, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"limit: by= says {type(said).__name__}, and not who counts as one, a str")
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _caller(request: Request) -> str:
    assert request.caller is not None, "the graph has seen to it that there is one"
    return request.caller.id


def network(request: Request) -> str:
    """An address of IPv4, and the network of one of IPv6."""
    if ":" not in request.ip:
        return request.ip
    from socket import AF_INET6, inet_pton

    try:
        packed = inet_pton(AF_INET6, request.ip.partition("%")[0])
    except OSError:
        return request.ip
    mapped = packed[:12] == b"\0" * 10 + b"\xff\xff"  # an address of IPv4, written as one of IPv6
    return ".".join(map(str, packed[12:])) if mapped else packed[:NETWORK_BYTES].hex()


BY = {"caller": _caller, "ip": network}


def _asked(request: Request, path: dict[str, str]) -> dict[str, Any]:
    return {"asked": Asked(request, path)}


def _as_it_is(answer: Answer) -> Answer:
    return answer
