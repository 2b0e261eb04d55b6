"""A sheet is 24 debits and 24 credits of one version, written together: 48 items of 2 KB, so that
a commit takes long enough to be killed in.
"""

from typing import Annotated

from skylift import Meta, Struct, Table, transaction

from .api import api

LINES = 24


class Line(Struct):
    sheet: str
    number: int
    version: int
    text: str


class Sheet(Struct):
    version: int
    text: Annotated[str, Meta(max_length=4096)]


class Versions(Struct):
    """The version of every line, as the two tables and their indexes have it."""

    debits: list[int]
    debits_indexed: list[int]
    credits: list[int]
    credits_indexed: list[int]


INDEXES = {"by_version": ("sheet", "version"), "by_number": ("number", "version")}
debits = Table[Line, str, int]("debits", Line, key=("sheet", "number"), indexes=INDEXES)
credits = Table[Line, str, int]("credits", Line, key=("sheet", "number"), indexes=INDEXES)


@api.put("/sheets/{name}")
async def write(name: str, sheet: Sheet) -> None:
    async with transaction() as tx:
        for number in range(LINES):
            line = Line(name, number, sheet.version, sheet.text)
            await debits.put(line, tx=tx)
            await credits.put(line, tx=tx)


@api.get("/sheets/{name}")
async def read(name: str) -> Versions:
    return Versions(
        [line.version async for line in debits.query(name)],
        [line.version async for line in debits.query(name, index="by_version")],
        [line.version async for line in credits.query(name)],
        [line.version async for line in credits.query(name, index="by_version")],
    )
