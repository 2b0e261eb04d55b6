"""Any list to choose from: lines that were pasted, or a table as CSV, read into options. What is
wrong with it is said with a code, and nothing is cut off in silence.
"""

from __future__ import annotations

import re
from csv import Error, reader
from io import StringIO
from unicodedata import category

from skylift import Invalid, Limit, Struct

from .people import api

OPTIONS_MIN, OPTIONS_MAX = 2, 100
NAME_MAX, LINE_MAX = 100, 200  # characters
TEXT_BYTES_MAX = 65_536
NAMES = {"name", "title", "option", "item", "nombre", "título", "titulo", "opción", "opcion"}
LINES = {"line", "description", "note", "notes", "línea", "descripción", "descripcion", "nota"}
MARKS = ("\t", ";", ",")
QUOTED = re.compile(r'"(?:[^"]|"")*"?\s*([,;\t]?)')
BULLET = re.compile(r"^(?:[-*•·\u2013]|\d{1,3}[.)])\s+")


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    line: str = ""


class Pasted(Struct, frozen=True, forbid_unknown_fields=True):
    text: str


class ReadList(Struct, frozen=True):
    options: list[Option]
    repeated: int  # which were there before, in whatever case, and are left out


@api.post("/lists", limit=Limit(60, per_s=60))
async def read_list(pasted: Pasted) -> ReadList:
    """How a text would be read, so that one sees it before the room is made."""
    found = parsed(pasted.text)
    options = checked(found)
    return ReadList(options, len(found) - len(options))


def parsed(text: str) -> list[Option]:
    """Every option of a text, as it stands there."""
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise Invalid(f"the list is longer than {TEXT_BYTES_MAX:,} bytes", code="LIST_LONG")
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    if not lines:
        return []
    mark = _mark(lines)
    if mark is None:
        return [Option(BULLET.sub("", line.strip())) for line in lines]
    if len(lines) == 1 and '"' not in lines[0]:
        return [Option(one.strip()) for one in lines[0].split(mark) if one.strip()]
    return _of_table(text.removeprefix("\ufeff"), mark)


def checked(options: list[Option]) -> list[Option]:
    """Each once, spaces as one, within bounds."""
    found: dict[str, Option] = {}
    for one in options:
        option = Option(_tidy(one.name), _tidy(one.line))
        _within(option)
        found.setdefault(option.name.casefold(), option)
    if len(found) < OPTIONS_MIN:
        raise Invalid("a list has at least two different options", code="OPTIONS")
    if len(found) > OPTIONS_MAX:
        raise Invalid(f"a list has at most {OPTIONS_MAX} options", code="OPTIONS")
    return [*found.values()]


def _mark(lines: list[str]) -> str | None:
    """What separates the cells. None when it is no table, and a comma only a comma."""
    titled = [one for one in MARKS if one in lines[0] and _is_header(lines[0].split(one))]
    if titled:
        return titled[0]
    quoted = next((QUOTED.match(line) for line in lines if line.startswith('"')), None)
    if quoted is not None:
        return quoted[1] or ","
    for mark in MARKS:
        is_even = len({line.count(mark) for line in lines}) == 1
        if mark in lines[0] and (is_even or mark == "\t"):
            return mark
    return "," if _is_header(lines[:1]) else None


def _of_table(text: str, mark: str) -> list[Option]:
    try:
        rows = [row for row in reader(StringIO(text), delimiter=mark, strict=True) if any(row)]
    except Error as error:
        raise Invalid("the quotes of the list do not close", code="LIST_BROKEN") from error
    name, line = 0, 1
    if _is_header(rows[0]):
        heads = [_head(cell) for cell in rows.pop(0)]
        name = next(place for place, head in enumerate(heads) if head in NAMES)
        line = next((place for place, head in enumerate(heads) if head in LINES), len(heads))
    return [
        Option(row[name], row[line] if line < len(row) else "")
        for row in rows
        if name < len(row) and row[name].strip()
    ]


def _is_header(cells: list[str]) -> bool:
    return any(_head(cell) in NAMES for cell in cells)


def _head(cell: str) -> str:
    return cell.strip().strip('"').strip().casefold()


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _within(option: Option) -> None:
    if not option.name:
        raise Invalid("an option has no name", code="OPTION_EMPTY")
    if len(option.name) > NAME_MAX:
        said = f"{option.name[:30]}… has more than {NAME_MAX} letters"
        raise Invalid(said, code="OPTION_LONG")
    if len(option.line) > LINE_MAX:
        said = f"what is said of {option.name[:30]} has more than {LINE_MAX} letters"
        raise Invalid(said, code="OPTION_LONG")
    if any(category(sign) == "Cc" for sign in option.name + option.line):
        raise Invalid("an option holds signs that are no text", code="OPTION_EMPTY")
