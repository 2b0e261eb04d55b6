"""What a request for a file asks beside its name (RFC 9110): only if it has changed, only a part of
it, in which coding. It reads headers and decides; no file is touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from .server import DAYS, MONTHS

RANGES_MAX = 16  # of one request; who asks for more gets all of it
SPEC = re.compile(r"(\d{0,18})-(\d{0,18})")
TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
DATE = "%a, %d %b %Y %H:%M:%S GMT"
QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")

Headers = Mapping[str, str]
Part = tuple[int, int]  # first byte, and the one behind the last


def is_unchanged(headers: Headers, tag: str, modified: int) -> bool:
    """What the client keeps is what there is: 304."""
    wanted = headers.get("if-none-match")
    if wanted is not None:
        return wanted.strip() == "*" or any(one.removeprefix("W/") == tag for one in tags(wanted))
    since = seconds(headers.get("if-modified-since", ""))
    return since is not None and modified <= since


def is_another(headers: Headers, tag: str, modified: int) -> bool:
    """It is asked for only if it is what the client thinks: 412."""
    wanted = headers.get("if-match")
    if wanted is not None:
        return wanted.strip() != "*" and tag not in tags(wanted)
    since = seconds(headers.get("if-unmodified-since", ""))
    return since is not None and modified > since


def tags(said: str) -> list[str]:
    return [one[0] for one in TAG.finditer(said)]


def parts(headers: Headers, size: int, tag: str, modified: int) -> list[Part] | None:
    """The ranges that are asked for; [] when none of them is in the file (416), None when all of
    it is to be sent.
    """
    unit, _, said = headers.get("range", "").partition("=")
    if unit.strip().lower() != "bytes" or not is_still(headers.get("if-range"), tag, modified):
        return None
    specs = [SPEC.fullmatch(one.strip()) for one in said.split(",") if one.strip()]
    if not specs or len(specs) > RANGES_MAX:
        return None
    found: list[Part] = []
    for spec in specs:
        if spec is None or not (spec[1] or spec[2]) or is_reversed(spec):
            return None  # it makes no sense: as if it had not been said
        part = inside(spec[1], spec[2], size)
        if part is not None:
            found.append(part)
    return None if sum(end - start for start, end in found) > size else found


def is_still(said: str | None, tag: str, modified: int) -> bool:
    """If-Range: a strong tag, or the very date."""
    if said is None:
        return True
    return said.strip() == tag if '"' in said else seconds(said) == modified


def is_reversed(spec: re.Match[str]) -> bool:
    return bool(spec[1] and spec[2]) and int(spec[1]) > int(spec[2])


def inside(first: str, last: str, size: int) -> Part | None:
    if not first:  # so many at the end
        return (max(0, size - int(last)), size) if int(last) and size else None
    start = int(first)
    return (start, min(size, int(last) + 1 if last else size)) if start < size else None


def takes_gzip(headers: Headers) -> bool:
    """It is named, or everything is, and not refused by a quality of 0."""
    found: dict[str, bool] = {}
    for one in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = one.partition(";")
        quality = weight.strip().removeprefix("q=") or "1"
        is_wanted = QUALITY.fullmatch(quality) is not None and float(quality) > 0
        found[coding.strip()] = is_wanted
    return found.get("gzip", found.get("x-gzip", found.get("*", False)))


def dated(modified: int) -> str:
    moment = datetime.fromtimestamp(modified, UTC)
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment:%Y %H:%M:%S} GMT"


def seconds(said: str) -> int | None:
    """A date of HTTP; None when it is none."""
    try:
        return int(datetime.strptime(said.strip(), DATE).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
