"""What the generated `skylift_function.py` of a bundle calls: one entry for each kind of function.
The composition root of a deployed function, and the only place in it that hands out the real clock,
the real chance and the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...function import Function

Handler = Callable[[Any, Any], Any]  # of an event and Lambda's context


def http_entry(
    *,
    app: str,
    name: str,
    function: Function[..., Any],
    resources: Sequence[Any],
    grants: Sequence[tuple[str, str]],
    consumers: Mapping[str, Function[..., Any]],
    is_loop_free: bool,
) -> Handler:
    """A route: HTTP API events, payload 2.0."""
    raise NotImplementedError


def queue_entry(
    *,
    app: str,
    name: str,
    function: Function[..., Any],
    resources: Sequence[Any],
    grants: Sequence[tuple[str, str]],
    consumers: Mapping[str, Function[..., Any]],
    is_loop_free: bool,
) -> Handler:
    """A queue's consumer: SQS events, answered with `batchItemFailures`."""
    raise NotImplementedError


def dead_entry(
    *,
    app: str,
    name: str,
    function: Function[..., Any],
    resources: Sequence[Any],
    grants: Sequence[tuple[str, str]],
    consumers: Mapping[str, Function[..., Any]],
    is_loop_free: bool,
) -> Handler:
    """A consumer of dead letters: SQS events of their queue."""
    raise NotImplementedError


def default_entry(*, app: str, routes: Sequence[tuple[str, str]], document: str) -> Handler:
    """What an Api answers where no route does: 404, 405, its description, its health."""
    raise NotImplementedError


def relay_entry(*, app: str, queues: Sequence[str]) -> Handler:
    """The ledger's stream: messages of transactions go to their queues."""
    raise NotImplementedError
