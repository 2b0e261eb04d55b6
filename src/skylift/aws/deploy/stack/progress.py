"""What somebody who waits is told: a line a resource when it ends, with the time since the start,
and a line now and then when nothing does. The same to a terminal and to the log of a CI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

QUIET_S_MAX = 20.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
VERBS = {
    "CREATE": ("creating", "created"),
    "UPDATE": ("changing", "changed"),
    "DELETE": ("deleting", "deleted"),
    "IMPORT": ("taking over", "taken over"),
}


@dataclass
class Progress:
    """`names` says what a resource of the template is to its author."""

    tell: Callable[[str], None]
    seconds: Callable[[], float]  # of a clock that only goes on
    sleep: Callable[[float], None]
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    _began: float = field(init=False)
    _told_at: float = field(init=False)
    _open: dict[str, str] = field(init=False, default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self._began = self._told_at = self.seconds()

    @property
    def elapsed_s(self) -> float:
        return self.seconds() - self._began

    def say(self, what: str) -> None:
        self._told_at = self.seconds()
        self.tell(f"{self.elapsed_s:7.1f} s  {what}")

    def event(self, event: Mapping[str, Any]) -> None:
        """One of CloudFormation's: an end is told, a beginning remembered."""
        status, logical = event["ResourceStatus"], event["LogicalResourceId"]
        name = self.names.get(logical, logical)
        verb, _, stands = status.removeprefix("ROLLBACK_").partition("_")
        if event["PhysicalResourceId"] == event["StackId"] or verb not in VERBS:
            return  # the stack itself is told by whoever follows it
        if stands == "IN_PROGRESS":
            self._open[name] = VERBS[verb][0]
        elif stands in ("COMPLETE", "SKIPPED"):
            self._open.pop(name, None)
            self.say(f"{name}: {'kept' if stands == 'SKIPPED' else VERBS[verb][1]}")
        elif stands == "FAILED":
            self._open.pop(name, None)
            self.say(f"{name}: failed")

    def pause(self, pause_s: float) -> float:
        """Waits, and says how long to wait the next time."""
        self.sleep(pause_s)
        if self.seconds() - self._told_at > QUIET_S_MAX and self._open:
            busy = ", ".join(f"{deed} {name}" for name, deed in [*self._open.items()][:3])
            more = len(self._open) - 3
            self.say(f"still {busy}" + (f" and {more} more" if more > 0 else ""))
        return min(pause_s * 1.5, LONGEST_PAUSE_S)
