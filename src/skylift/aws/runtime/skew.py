"""A clock that is wrong makes signatures that are refused; the refusal's own Date tells the time.
Imported when a call was refused.
"""

from __future__ import annotations

from datetime import UTC, datetime

from .failure import Failure

SKEW_S_MIN = 240.0  # less than that, AWS does not mind
SKEWED = {
    *("AuthFailure", "InvalidSignature", "InvalidSignatureException", "RequestExpired"),
    *("RequestInTheFuture", "RequestTimeTooSkewed", "SignatureDoesNotMatch"),
}
MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def skew_s(failure: Failure, time: float) -> float | None:
    """How far the service's clock is ahead of `time`, when that explains the refusal."""
    if failure.code not in SKEWED:
        return None
    told = date_of(failure.headers.get("date", ""))
    ahead = None if told is None else told.timestamp() - time
    return ahead if ahead is not None and abs(ahead) > SKEW_S_MIN else None


def date_of(text: str) -> datetime | None:
    """Fri, 20 Nov 2026 14:00:00 GMT, the one form that is sent; nothing for any other."""
    try:
        _, day, month, year, clock, zone = text.split(" ")
        hour, minute, second = clock.split(":")
        numbers = (year, MONTHS.index(month) + 1, day, hour, minute, second)
        return datetime(*map(int, numbers), tzinfo=UTC) if zone == "GMT" else None
    except (ValueError, OverflowError):
        return None
