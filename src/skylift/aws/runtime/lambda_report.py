"""What happens, told on standard output, which Lambda brings to CloudWatch: failures and warnings
as log lines in the format of Lambda's own JSON logs, and figures in its embedded metric format, all
of an event in one write at its end.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from msgspec import json

from ...engine.invoke import TimedOut, is_refusal
from ...invocation import Invocation
from ...ports import Running

if TYPE_CHECKING:
    from ...ports.delivery import Bury
    from .lambda_unit import Surroundings

NAMESPACE = "Skylift"
# One metric, in few combinations: each costs $0.30 a month. What else is told stands beside it in
# the line, where queries of the log find it.
METRICS = {
    "Namespace": NAMESPACE,
    "Dimensions": [["app", "stage", "function", "outcome"]],
    "Metrics": [{"Name": "duration", "Unit": "Milliseconds"}],
}
FRAMES_LINES_MAX = 100


class LambdaReport:
    """The Report of one process. `begin` and `end` stand around each event."""

    def __init__(self, app: str, surroundings: Surroundings) -> None:
        self._world = surroundings
        self._app, self._stage = app, surroundings.stage
        self._request_id = ""
        self._is_cold = True
        self._figures: list[str] = []
        self._is_tapped = False

    def begin(self, request_id: str) -> None:
        self._request_id = request_id
        if not self._is_tapped and "logging" in sys.modules:
            from .lambda_logging import tap

            self._is_tapped = tap()

    def end(self) -> None:
        if self._figures:
            figures, self._figures = self._figures, []
            self._world.say("".join(figures))

    def failed(self, running: Running, error: BaseException) -> None:
        from ...engine.told import said, told  # what succeeds does not need it

        lines = told(error).splitlines()[1:]
        self._log(
            *("ERROR", said(error), running.function),
            errorType=type(error).__qualname__,
            stackTrace=lines[:FRAMES_LINES_MAX],
            trace=cast(Invocation, running).trace,
        )

    def warned(self, function: str, text: str) -> None:
        self._log("WARN", text, function)

    def buried(self, function: str, letter: Bury) -> None:
        about = {"messageId": letter.id, "reason": letter.reason, "attempts": letter.attempts}
        self._log("WARN", letter.told, function, **about, trace=letter.trace)

    def ended(self, running: Running, error: BaseException | None) -> None:
        one = cast(Invocation, running)
        cause, now = one.cause, self._world.clock.time()
        counts: dict[str, int] = {"coldStart": 1} if self._is_cold else {}
        self._is_cold = False
        if cause.attempt > 1:
            counts["attempts"] = cause.attempt
        if failures := len(one.marked):
            counts["batchFailures"] = failures
        self._figures.append(
            line(
                {
                    "_aws": {"Timestamp": int(now * 1000), "CloudWatchMetrics": [METRICS]},
                    "app": self._app,
                    "stage": self._stage,
                    "function": one.function,
                    "outcome": outcome_of(error),
                    "duration": round((now - one.started) * 1000, 3),
                    **counts,
                    "requestId": self._request_id,
                    "trace": one.trace_if_asked,
                }
            )
        )

    def _log(self, level: str, text: str, function: str, **more: Any) -> None:
        said = {"timestamp": self._now(), "level": level, "message": text, "logger": "skylift"}
        about = {"requestId": self._request_id, "function": function, **more}
        self._world.say(line({**said, **about}))

    def _now(self) -> str:
        return self._world.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def outcome_of(error: BaseException | None) -> str:
    if error is None:
        return "ok"
    if isinstance(error, TimedOut):
        return "timeout"
    return "refused" if is_refusal(error) else "failed"


def line(said: dict[str, Any]) -> str:
    """One event of the log. What no UTF-8 can say is said by its escapes."""
    try:
        return json.encode(said).decode() + "\n"
    except UnicodeEncodeError:
        return json.encode({name: clean(value) for name, value in said.items()}).decode() + "\n"


def clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return [clean(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value
