"""One contender of the dispatch figure: `python -m bench.peers.dispatched NAME bytes|dict SECONDS`
prints the microseconds an event takes, as the median of many short bursts.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

from bench.peers.gateway import EVENT, REST_EVENT, TEXT

BURST = 200  # events between two looks at the clock


class LambdaContext:
    """What the runtime passes beside the event; the adapters read these."""

    function_name = "notes-write"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-south-2:123456789012:function:notes-write"
    aws_request_id = "8f5c9a1e-0000-4000-8000-1234567890ab"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def ours(form: str) -> Callable[[Any], Any]:
    from bench.peers.lambda_entry import handler_of_bytes, handler_of_dict

    return handler_of_bytes() if form == "bytes" else handler_of_dict()


def mangum(form: str) -> Callable[[Any], Any]:
    from bench.peers.mangum_notes import handler

    return as_runtime_client(handler, form)


def powertools(form: str) -> Callable[[Any], Any]:
    from bench.peers.powertools_notes import handler

    return as_runtime_client(handler, form)


def chalice(form: str) -> Callable[[Any], Any]:
    from bench.peers.chalice_notes import app

    return as_runtime_client(app, form)


def alone(_form: str) -> Callable[[bytes], Any]:
    from msgspec import json as fast

    from bench.peers.lambda_entry import Event

    return fast.Decoder(Event).decode


def as_runtime_client(handle: Callable[[Any, Any], Any], form: str) -> Callable[[Any], Any]:
    """AWS's Python runtime client decodes and encodes with the standard library's json."""
    context = LambdaContext()
    if form == "dict":
        return lambda event: handle(event, context)
    return lambda event: json.dumps(handle(json.loads(event), context)).encode()


CONTENDERS = {
    "skylift": ours,
    "FastAPI+Mangum": mangum,
    "Powertools": powertools,
    "Chalice": chalice,
    "msgspec decode alone": alone,
}


def main(name: str, form: str, seconds: float) -> None:
    dispatch = CONTENDERS[name](form)
    sent = REST_EVENT if name == "Chalice" else EVENT
    event = sent if form == "bytes" else json.loads(sent)
    told = dispatch(event)
    if name != "msgspec decode alone":
        told = json.loads(told) if form == "bytes" else told
        assert told["statusCode"] == 201, told
        assert json.loads(told["body"])["text"] == TEXT, told
    bursts: list[float] = []
    until = perf_counter_ns() + seconds * 1e9
    while (begun := perf_counter_ns()) < until:
        for _ in range(BURST):
            dispatch(event)
        bursts.append((perf_counter_ns() - begun) / BURST / 1e3)
    print(statistics.median(bursts[len(bursts) // 4 :]))  # the first quarter warms up


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
