"""What can be wrong with how messages are taken and tried again: what the consumers of queues and
of dead letters have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias, cast

from ..errors import Mistake
from ..function import Function
from ..resources.backoff import Backoff
from ..resources.change import WAIT_S_MAX
from ..resources.dead import Burial
from ..resources.waits import ASYNC_ATTEMPTS_MAX
from .limits import RANGES, is_number, is_whole

if TYPE_CHECKING:
    from ..resources.consumer import Reaction

Wrong: TypeAlias = tuple[str, str]  # what is wrong, and what to do

ATTEMPTS_MAX = 990  # SQS counts to 1,000: ten are kept for what costs no attempt
HIDDEN_S_MAX = 43_200  # SQS hides a message so long, from when it was received


def mistakes(function: Function[..., object], *, fifo: bool) -> Iterator[Mistake]:
    """Of what takes its messages from a queue."""
    trigger = cast("Reaction | Burial", function.trigger)
    why = "SQS counts 1,000 attempts at most, and some of them are not the handler's"
    wrong = [*_attempts(trigger, ATTEMPTS_MAX, why), *_backoff(trigger.backoff, function)]
    for reason, remedy in [*wrong, *_alone(function, fifo)]:
        yield Mistake(function.place, f"{function.handler.__name__}(): {reason}", remedy)


def invoked_mistakes(function: Function[..., object]) -> Iterator[Mistake]:
    """Of what AWS invokes asynchronously."""
    trigger = cast("Reaction", function.trigger)
    why = "Lambda itself tries again, twice at most: a queue's consumer may have more"
    for reason, remedy in _attempts(trigger, ASYNC_ATTEMPTS_MAX, why):
        yield Mistake(function.place, f"{function.handler.__name__}(): {reason}", remedy)
    if not isinstance(cast(object, trigger.once), bool):
        reason = f"{function.handler.__name__}(): once={trigger.once!r}"
        yield Mistake(function.place, reason, "once is True or False; once_by= names a field")


def followed_mistakes(function: Function[..., object]) -> Iterator[Mistake]:
    """Of what follows a table."""
    trigger = cast("Reaction", function.trigger)
    why = "a change that fails holds up what comes after it"
    wrong = [*_attempts(trigger, ATTEMPTS_MAX, why), *_backoff(trigger.backoff, function)]
    if not wrong and cast(Backoff, trigger.backoff).max_s > WAIT_S_MAX:
        reason = f"the backoff's max_s={cast(Backoff, trigger.backoff).max_s:g}"
        wrong.append((f"{reason}, allowed are 0 to {WAIT_S_MAX} of a change", why))
    if not isinstance(cast(object, trigger.once), bool):
        wrong.append((f"once={trigger.once!r}", "once is True or False"))
    for reason, remedy in wrong:
        yield Mistake(function.place, f"{function.handler.__name__}(): {reason}", remedy)


def once_wrong(trigger: Reaction) -> Iterator[Wrong]:
    once, once_by = cast(object, trigger.once), cast(object, trigger.once_by)
    if not isinstance(once, bool):
        yield f"once={once!r}", "once is True or False; once_by= names a field"
    if not isinstance(once_by, str | None):
        yield f"once_by={once_by!r} is no field name", 'name it as a string: once_by="request_id"'


def _attempts(trigger: Reaction | Burial, most: int, remedy: str) -> Iterator[Wrong]:
    if not is_whole(trigger.attempts_max, 1, most):
        allowed = f"allowed are whole numbers from 1 to {most}"
        yield f"attempts_max={trigger.attempts_max!r}, {allowed}", remedy


def _backoff(backoff: object, function: Function[..., object]) -> Iterator[Wrong]:
    if not isinstance(backoff, Backoff):
        yield f"backoff={backoff!r} is no Backoff", "write backoff=Backoff(first_s=0.5, max_s=300)"
        return
    first, most = backoff.first_s, backoff.max_s
    timeout = function.limits["timeout_s"]
    if not (is_number(first, 0, HIDDEN_S_MAX) and is_number(most, 0, HIDDEN_S_MAX)):
        said = f"first_s={first!r}, max_s={most!r}"
        reason = f"the backoff has {said}, allowed are 0 to {HIDDEN_S_MAX:,}"
        yield reason, "seconds; SQS hides a message for 12 hours at most"
    elif first > most:
        reason = f"the backoff begins with first_s={first:g}, above its max_s={most:g}"
        yield reason, "it doubles from first_s up to max_s"
    elif is_number(timeout, *RANGES["timeout_s"][:2]) and most + timeout > HIDDEN_S_MAX:
        reason = f"the backoff's max_s={most:g} and timeout_s={timeout:g} are 12 hours and more"
        remedy = f"SQS hides a message for {HIDDEN_S_MAX:,} s at most, its attempt included"
        yield reason, remedy


def _alone(function: Function[..., object], fifo: bool) -> Iterator[Wrong]:
    most = function.limits["concurrency_max"]
    if is_whole(most, 1, 1) and not fifo:
        reason = "concurrency_max=1, and SQS calls two at a time at least"
        yield reason, "one at a time needs a queue with fifo=True, and one group for all messages"
