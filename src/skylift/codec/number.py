"""Numbers: the domain every backend keeps exactly, and an encoding of it whose bytes sort like the
numbers. 38 significant digits, 1E-130 to 9.99…E125; 5, 5.0 and Decimal("5.00") are one number.
"""

from __future__ import annotations

from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Subnormal,
    Underflow,
)
from typing import TypeAlias

from .misfit import Misfit

Number: TypeAlias = "int | float | Decimal"

DOMAIN = "a number of at most 38 digits, 1E-130 to 9.99E125"
DIGITS_MAX = 38
_WHOLE_MAX = 10**DIGITS_MAX
_REAL_MIN, _REAL_END = 1e-130, 1e126
_EXACT = Context(
    prec=DIGITS_MAX,
    Emin=-130,
    Emax=125,
    traps=[DivisionByZero, Inexact, InvalidOperation, Overflow, Subnormal, Underflow],
)

# Sign, then where the point stands, then the digits packed two to a byte. Nothing follows the
# digits of a positive number: a prefix is smaller. A negative number is its own complement, ended
# by a byte above any digit, so that a prefix is larger.
_BELOW, ZERO, _ABOVE = b"\x00", b"\x01", b"\x02"
_POINT = 129
_NINES = bytes(max(254 - byte, 0) for byte in range(256))
_END = b"\xff"


def whole(value: int, depth: int = 0) -> int:
    """The int, seen to lie in the domain."""
    if not -_WHOLE_MAX < value < _WHOLE_MAX:
        trimmed(Decimal(value))
    return value


def real(value: float, depth: int = 0) -> float:
    """The float, seen to lie in the domain; nan and inf do not."""
    if value and not _REAL_MIN <= abs(value) < _REAL_END:
        raise Misfit(DOMAIN, repr(value))
    return value


def widened(value: int, depth: int = 0) -> float:
    """An int where a float is declared: one that a float equals, or it would read back as
    another.
    """
    if abs(value) < _REAL_END and float(value) == value:
        return float(value)
    raise Misfit("a float", "an int that no float equals")


def trimmed(value: Decimal, depth: int = 0) -> int | Decimal:
    """The Decimal without its scale: an int where it is one."""
    try:
        if not value.is_finite():
            raise InvalidOperation
        plain = _EXACT.normalize(value)
    except ArithmeticError:
        raise Misfit(DOMAIN, f"{value!s:.60}") from None
    exponent = plain.as_tuple().exponent
    assert isinstance(exponent, int)
    return int(plain) if exponent >= 0 and plain.adjusted() < DIGITS_MAX else plain


def decimal(value: Number) -> Decimal:
    """Any number as the Decimal it stands for: a float by its shortest text, as it is stored."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def total(left: Number, right: Number) -> int | Decimal:
    """The exact sum; Misfit when it has more than 38 digits."""
    if isinstance(left, int) and isinstance(right, int):
        return whole(left + right)
    try:
        return trimmed(_EXACT.add(decimal(left), decimal(right)))
    except ArithmeticError:
        raise Misfit(DOMAIN, f"the sum of {left} and {right}") from None


def sortable(value: int | Decimal) -> bytes:
    """Bytes that order as the numbers do, and are equal for equal numbers."""
    if not value:
        return ZERO
    if isinstance(value, int):
        digits = str(abs(value))
        point = len(digits)
    else:
        _, parts, exponent = value.as_tuple()
        assert isinstance(exponent, int)
        digits = "".join(map(str, parts))
        point = len(digits) + exponent
    digits = digits.rstrip("0")
    packed = bytes.fromhex(digits if len(digits) % 2 == 0 else digits + "0")
    if value > 0:
        return _ABOVE + bytes((point + _POINT,)) + packed
    return _BELOW + bytes((255 - point - _POINT,)) + packed.translate(_NINES) + _END
