"""Whatever bytes stand where we read our own, only our errors come out: 100,000 damaged inputs each
for stored items, cursors and positions. The seed is fixed; a failure names the input.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pydantic
import pytest

from skylift import BadRequest, SkyliftError
from skylift.codec import ItemCodec
from skylift.codec.tree import decode_json, item_bytes, meaning
from skylift.ports import Range
from skylift.resources.cursor import opened, sealed
from skylift.testing.contracts.tables.stock import Holding, Seat, events, holding, seats
from skylift.testing.stand import Stand

INPUTS = 100_000
TOKENS = [
    *(b"null", b"true", b"{}", b"[]", b'""', b"1e999999999999", b"-0", b"1E-400", b'"\\ud800"'),
    *(b'"2026-13-01T00:00:00Z"', b'"=="', b"[[[[", b'{"a":', b"9" * 400, b'"\\u0000"', b"\xff"),
    *(b'"0001-01-01T00:00:00.000000+14:00"', b"NaN", b"-Infinity", b"1" + b"0" * 130, b'"type"'),
]


class Model(pydantic.BaseModel):
    id: str
    size: int = 0
    raw: bytes = b""
    below: "Model | None" = None


def damaged(seeds: list[bytes], count: int) -> Iterator[bytes]:
    chance = random.Random(20261120)
    for _ in range(count):
        raw = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(raw) + 1)
            harm = chance.randrange(5)
            if harm == 0:
                raw[at : at + 1] = bytes((chance.randrange(256),))
            elif harm == 1:
                raw[at:at] = chance.choice(TOKENS)
            elif harm == 2:
                del raw[at : at + chance.randint(1, 8)]
            elif harm == 3:
                raw[at : at + chance.randint(1, 8)] = chance.choice(TOKENS)
            else:
                other = chance.choice(seeds)
                raw[at:] = other[chance.randrange(len(other)) :]
        yield bytes(raw)


def drained(reading: Coroutine[Any, Any, Any]) -> None:
    """To its end, however often it lets others run."""
    while True:
        reading.send(None)


def only(errors: type[Exception], call: Callable[[bytes], object], inputs: Iterator[bytes]) -> int:
    """How many inputs were refused; any other exception fails and shows its input."""
    refused = 0
    for raw in inputs:
        try:
            call(raw)
        except errors:
            refused += 1
        except BaseException as error:
            raise AssertionError(f"{raw!r} raised {error!r}") from error
    return refused


def test_a_damaged_item_is_our_error() -> None:
    refused = 0
    for item in (holding(), Seat("r", 1, "ann"), Model(id="a", below=Model(id="b"))):
        codec = ItemCodec(type(item), "table 'fuzzed'")
        seeds = [codec.encode(item).encode(), b"{}", b'{"id":"a"}']
        refused += only(SkyliftError, codec.decode, damaged(seeds, INPUTS // 3 + 1))
    assert INPUTS // 2 < refused < INPUTS


def test_a_deeply_nested_item_is_our_error() -> None:
    for item in (Holding, Model):
        codec = ItemCodec(item, "table 'deep'")
        for opening in (b"[", b'{"below":', b'{"id":"a","box":', b'{"x":'):
            with pytest.raises(SkyliftError):
                codec.decode(opening * 100_000)


def test_whatever_is_stored_has_a_size_and_a_meaning() -> None:
    codec = ItemCodec(Holding, "table 'holdings'")

    def look(raw: bytes) -> None:
        try:
            tree = decode_json(raw)
        except (ValueError, ArithmeticError, RecursionError):
            raise BadRequest from None
        if isinstance(tree, dict):
            assert item_bytes(tree, codec.shape) >= 0
            meaning(tree, codec.shape)

    seeds = [codec.encode(holding()).encode()]
    assert only(BadRequest, look, damaged(seeds, 20_000)) < 20_000


def test_a_damaged_cursor_is_a_bad_request() -> None:
    key, bound = b"key", "seats|'r'|None|False|None"
    cursors = [sealed(position, bound, key) for position in (b"\x92\xa1r\xc4\x01x", b"", b"\x90")]
    seeds = [cursor.encode() for cursor in cursors]

    def open_it(raw: bytes) -> None:
        text = raw.decode("utf-8", "surrogateescape")
        if text not in cursors:
            opened(text, bound, key)
            raise AssertionError("a damaged cursor opened")

    assert only(BadRequest, open_it, damaged(seeds, INPUTS)) > INPUTS * 0.9


def test_a_damaged_position_is_a_bad_request_or_a_place() -> None:
    async def story() -> int:
        async with Stand(seats, events) as stand:
            for no in range(3):
                await seats.put(Seat("r", no, "ann"))
            adapter: Any = stand.ports.adapters["seats"]
            listings = [
                Range(limit=1),
                Range("r", limit=1),
                Range("ann", index="owned", limit=1),
                Range("r", index="by_price", limit=1, reverse=True),
            ]
            refused = 0
            for rows in listings:
                first = (await adapter.read(rows)).position
                assert first is not None

                def read(raw: bytes, rows: Range = rows) -> None:
                    reading = adapter.read(
                        Range(rows.partition, rows.index, None, rows.reverse, 1, raw)
                    )
                    with pytest.raises(StopIteration):
                        drained(reading)

                seeds = [first, b"\x92\xa1a\xc4\x01a", b"\x90"]
                refused += only(BadRequest, read, damaged(seeds, INPUTS // 4))
            return refused

    assert INPUTS // 2 < asyncio.run(story()) < INPUTS
