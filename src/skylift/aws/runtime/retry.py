"""Whether a call that failed is made again, and when: AWS's "standard" way. Imported at the first
failure of a process.

At most so many attempts, waits that double below a limit with chance in all of it, and a quota for
all calls of a client, so that a service in trouble is not besieged. Never past the deadline.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, cast

from .failure import CLOSED, GARBLED, TIMED_OUT, UNREACHABLE, Failure

# What repeating a call does: nothing, as it only reads; what one does; or it counts once more.
Effect: TypeAlias = Literal["none", "repeatable", "single"]
Kind: TypeAlias = Literal["throttled", "contended", "transient", "final"]

QUOTA = 500
COST = 5
COST_TIMED_OUT = 10
PAUSE_S_MAX = 20.0
RETRY_AFTER_S_MAX = 5.0  # beyond the pause drawn
FIRST_S: dict[Kind, float] = {"throttled": 1.0, "contended": 0.05, "transient": 0.05}

THROTTLED = {
    *("BandwidthLimitExceeded", "EC2ThrottledException", "KMSThrottling", "KmsThrottled"),
    "OverLimit",
    *("LimitExceededException", "PriorRequestNotComplete", "RequestLimitExceeded"),
    *("ProvisionedThroughputExceededException", "RequestThrottled", "RequestThrottledException"),
    *("SlowDown", "Throttled", "ThrottledException", "Throttling", "ThrottlingException"),
    "TooManyRequestsException",
}
CONTENDED = {
    *("ReplicatedWriteConflictException", "TransactionConflictException"),
    "TransactionInProgressException",
}
TRANSIENT = {
    *(CLOSED, GARBLED, TIMED_OUT, UNREACHABLE),
    *("RequestTimeout", "RequestTimeoutException"),
}
# Why a transaction was cancelled that would have succeeded at another moment.
OF_THE_MOMENT = {
    *("None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"),
}


class Quota:
    """What retries of one client cost. Threads that share it may lose a token to each other."""

    def __init__(self) -> None:
        self.left = QUOTA

    def take(self, cost: int) -> bool:
        if cost > self.left:
            return False
        self.left -= cost
        return True

    def give(self, cost: int) -> None:
        self.left = min(QUOTA, self.left + cost)


class Retrying:
    """One call after its first failure."""

    def __init__(self, quota: Quota, effect: Effect, *, attempts_max: int) -> None:
        self._quota, self._effect, self._attempts_max = quota, effect, attempts_max
        self.attempt = 1
        self._paid = 0
        self._may_be_done = False

    def pause_s(self, failure: Failure, left_s: float, chance: float) -> float:
        """How long to wait before the next attempt. When there is none, the failure is raised: it
        is `unknown` when any attempt may have been carried out and nothing said otherwise.
        """
        kind = kind_of(failure)
        if kind in ("throttled", "contended") or self._effect == "none":
            failure.unknown = False
        self._may_be_done |= failure.unknown
        # Of what may be repeated, a refusal on its merits speaks for the attempts before it too.
        failure.unknown = self._may_be_done and not (kind == "final" and failure.status)
        if kind == "final" or (failure.unknown and self._effect == "single"):
            raise failure
        pause_s = pause_after(failure, kind, self.attempt, chance)
        cost = COST_TIMED_OUT if failure.code == TIMED_OUT else COST
        if self.attempt >= self._attempts_max or pause_s >= left_s or not self._quota.take(cost):
            raise failure
        self._paid = cost
        self.attempt += 1
        return pause_s

    def succeeded(self) -> None:
        self._quota.give(self._paid)


def kind_of(failure: Failure) -> Kind:
    if failure.code in THROTTLED or failure.status == 429:
        return "throttled"
    if failure.code in CONTENDED or is_contended(failure):
        return "contended"
    if failure.code in TRANSIENT or failure.status >= 500:
        return "transient"
    return "final"


def is_contended(failure: Failure) -> bool:
    """A cancelled transaction with none but reasons that pass."""
    if failure.code != "TransactionCanceledException":
        return False
    codes = {str(reason.get("Code")) for reason in reasons_of(failure)}
    return bool(codes - {"None"}) and codes <= OF_THE_MOMENT


def reasons_of(failure: Failure) -> list[dict[str, Any]]:
    """Of a cancelled transaction, one for each of its actions, in order."""
    said = failure.said.get("CancellationReasons")
    reasons = cast("list[Any]", said) if isinstance(said, list) else []
    return reasons if all(isinstance(reason, dict) for reason in reasons) else []


def pause_after(failure: Failure, kind: Kind, attempt: int, chance: float) -> float:
    """Drawn below a limit that doubles; the service may ask for more, within bounds."""
    pause_s = chance * pause_s_max(kind, attempt)
    return max(pause_s, min(asked_s(failure), pause_s + RETRY_AFTER_S_MAX))


def pause_s_max(kind: Kind, attempt: int) -> float:
    return min(FIRST_S[kind] * 2 ** (attempt - 1), PAUSE_S_MAX)


def asked_s(failure: Failure) -> float:
    """How long the service asks to be left alone; 0 when it does not, or in words."""
    for name, per_second in (("x-amz-retry-after", 1000), ("retry-after", 1)):
        given = failure.headers.get(name, "")
        if given.isascii() and given.isdigit() and len(given) < 12:
            return int(given) / per_second
    return 0.0
