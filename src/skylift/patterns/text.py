"""Wildcards and comparisons that ignore case, as regular expressions that never go back over what
they have passed: an event's text is anybody's.
"""

from __future__ import annotations

import re

from .wrong import Unfit

PARTS = re.compile(r"\\.?|\*|[^\\*]+", re.DOTALL)


def wildcard_of(operand: str) -> re.Pattern[str]:
    """`*` stands for any run of characters; `\\*` and `\\\\` for themselves."""
    pieces = [""]
    last = ""
    for part in PARTS.findall(operand):
        if part == "*":
            if last == "*":
                raise Unfit(f"{operand!r} has ** in it", "one * stands for any run of characters")
            pieces.append("")
        elif part[0] == "\\":
            if part not in ("\\\\", "\\*"):
                reason = f"{operand!r}: the backslash before {part[1:] or 'its end'!r}"
                raise Unfit(reason, r"a backslash escapes * and itself: \* and \\")
            pieces[-1] += re.escape(part[1:])
        else:
            pieces[-1] += re.escape(part)
        last = part
    first, *rest = pieces
    if not rest:
        return re.compile(first, re.DOTALL)
    between = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    return re.compile(f"{first}{between}.*{rest[-1]}", re.DOTALL)


def case_ignored(operand: str) -> str:
    """Each character in either case by itself, as Event Ruler does it: `ß` is `ß` or `SS`."""
    return "".join(map(_either, operand))


def _either(letter: str) -> str:
    lower, upper = letter.lower(), letter.upper()
    if lower == upper:
        return re.escape(lower)
    return f"(?:{re.escape(lower)}|{re.escape(upper)})"
