"""A schedule: its function runs at the times that a cron expression or a rate says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, Unpack, overload

from msgspec import Struct

from ..function import Ends, Limits
from ..invocation import Context
from .consumer import Consumer
from .resource import Resource
from .waits import ASYNC_ATTEMPTS_MAX, ASYNC_WAITS, Delay

P = ParamSpec("P")
R = TypeVar("R")


class Scheduled(Struct, frozen=True):
    """What a schedule's function is given, if it asks: the time this run is for, in UTC. It may
    have passed a while ago.
    """

    time: datetime


class Recurrence(Struct, frozen=True):
    """The trigger of a schedule's function."""

    resource: Schedule
    attempts_max: int = ASYNC_ATTEMPTS_MAX
    once: bool = False
    once_by: str | None = None  # a run's id is made of its time: no field says more
    backoff: Delay = ASYNC_WAITS
    batch: int = 1
    kind: ClassVar[str] = "schedule"
    may_be_ignored: ClassVar[bool] = True  # what the handler is given

    @property
    def message(self) -> type[Any]:
        return Scheduled

    @property
    def takes(self) -> Any:
        return Scheduled

    @property
    def runs_once(self) -> bool:
        return self.once


if TYPE_CHECKING:
    from typing import Protocol

    class OfRuns(Protocol):
        """Takes a handler of nothing, of the Scheduled or of its Context, plain or async."""

        @overload
        def __call__(self, handler: Callable[[], Ends], /) -> Consumer[[], Ends, Scheduled]: ...
        @overload
        def __call__(
            self, handler: Callable[[Scheduled], Ends], /
        ) -> Consumer[[Scheduled], Ends, Scheduled]: ...
        @overload
        def __call__(
            self, handler: Callable[[Context], Ends], /
        ) -> Consumer[[Context], Ends, Scheduled]: ...
        @overload
        def __call__(
            self, handler: Callable[[Scheduled, Context], Ends], /
        ) -> Consumer[[Scheduled, Context], Ends, Scheduled]: ...
        @overload
        def __call__(
            self, handler: Callable[[Context, Scheduled], Ends], /
        ) -> Consumer[[Context, Scheduled], Ends, Scheduled]: ...


class Schedule(Resource):
    """`Schedule("nightly", cron="0 3 * * *", timezone="Europe/Madrid")`, or `rate="5 minutes"`,
    which counts from when the schedule is first there: its first run is at once.

    Each time runs at least once, within a minute. A time that the spring leaves out is left out,
    one that the autumn has twice comes once. What went by while nothing was running comes once, for
    the latest of the times.
    """

    kind = "schedule"

    def __init__(
        self, name: str, *, cron: str | None = None, rate: str | None = None, timezone: str = "UTC"
    ) -> None:
        self._declare(name)
        self.cron, self.rate, self.timezone = cron, rate, timezone

    # -- trigger

    @overload
    def run(self, handler: Callable[[], Ends], /) -> Consumer[[], Ends, Scheduled]: ...
    @overload
    def run(
        self, handler: Callable[[Scheduled], Ends], /
    ) -> Consumer[[Scheduled], Ends, Scheduled]: ...
    @overload
    def run(
        self, handler: Callable[[Context], Ends], /
    ) -> Consumer[[Context], Ends, Scheduled]: ...
    @overload
    def run(
        self, handler: Callable[[Scheduled, Context], Ends], /
    ) -> Consumer[[Scheduled, Context], Ends, Scheduled]: ...
    @overload
    def run(
        self, handler: Callable[[Context, Scheduled], Ends], /
    ) -> Consumer[[Context, Scheduled], Ends, Scheduled]: ...
    @overload
    def run(
        self, *, attempts_max: int = ..., once: bool = ..., **limits: Unpack[Limits]
    ) -> OfRuns: ...
    def run(
        self,
        handler: Any = None,
        *,
        attempts_max: int = ASYNC_ATTEMPTS_MAX,
        once: bool = False,
        **limits: Unpack[Limits],
    ) -> Any:
        """The function that runs at each time, at least once and at most `attempts_max` times: a
        run that failed is tried again after a minute, and after two more. A schedule has one.

        With `once=True` a run that was done is not done again within 24 hours.
        """
        trigger = Recurrence(self, attempts_max, once)

        def declare(handler: Callable[P, R], /) -> Consumer[P, R, Scheduled]:
            return Consumer(handler, trigger, limits, Scheduled)

        return declare if handler is None else declare(handler)


def time_text(moment: datetime) -> str:
    """As Scheduler fills it in."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def run_text(schedule: str, time: str) -> str:
    """The message of one run. Its id says which run it is, whoever brings it, however often."""
    return (
        f'{{"skylift":1,"id":"{schedule}/{time}","type":"{Scheduled.__name__}","sent_at":"{time}",'
        f'"trace":"","body":{{"time":"{time}"}}}}'
    )
