"""What every ChannelPort must do. Bind it with a fixture `open_world` whose worlds have
`listening(channel, **ids)`: a context that gives what is heard there, as texts; nothing in it is
skipped or changed for one of them. No order is promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pytest
from msgspec import Struct, json

from ...errors import Invalid
from ...resources.channel import EVENT_BYTES_MAX, Channel
from ...user import Caller
from ..story import story


class Heard(Protocol):
    async def take(self, count: int) -> list[str]: ...  # the next ones, once they have come


class Move(Struct):
    seq: int
    text: str = ""
    at: tuple[float, float] | None = None
    by: dict[str, list[str]] = {}


async def may_watch(caller: Caller, id: str, epoch: str) -> bool:
    """Nobody asks it in a contract."""
    return True


async def may_see(caller: Caller) -> bool:
    """The same."""
    return True


live = Channel("live", "rooms/{id}/{epoch}", Move, guard=may_watch)
board = Channel("board", "all", Move, guard=may_see)
END = Move(0, "the end")


async def heard(listening: Heard, count: int) -> list[Move]:
    """So many, and then what was published as the last."""
    texts = await listening.take(count + 1)
    moves = [json.decode(text, type=Move) for text in texts]
    assert END in moves
    return sorted((one for one in moves if one != END), key=lambda move: move.seq)


class ChannelContract:
    @story(live)
    async def test_everybody_who_listens_gets_each_event_once(self, world: Any) -> None:
        sent = [Move(no, f"no {no}") for no in range(1, 21)]
        async with (
            world.listening(live, id="r1", epoch="1") as one,
            world.listening(live, id="r1", epoch="1") as other,
        ):
            for move in (*sent, END):
                await live.publish(move, id="r1", epoch="1")
            assert await heard(one, 20) == sent
            assert await heard(other, 20) == sent

    @story(live)
    async def test_what_is_published_arrives_in_these_very_bytes(self, world: Any) -> None:
        text = 'naïve 🚀 "quoted" \\ \n\0 \u2028 \ufffe'
        sent = Move(1, text, (0.5, -1e-9), {"ann": ["a", "b"], "b": []})
        async with world.listening(live, id="r1", epoch="1") as one:
            await live.publish(sent, id="r1", epoch="1")
            (told,) = await one.take(1)
        assert json.decode(told, type=Move) == sent
        assert told == live.codec.content(sent)

    @story(live, board)
    async def test_who_listens_elsewhere_hears_nothing_of_it(self, world: Any) -> None:
        async with (
            world.listening(live, id="r1", epoch="2") as other_epoch,
            world.listening(live, id="R1", epoch="1") as other_case,
            world.listening(board) as other_channel,
        ):
            await live.publish(Move(1), id="r1", epoch="1")
            await live.publish(END, id="r1", epoch="2")
            await live.publish(END, id="R1", epoch="1")
            await board.publish(END)
            for listening in (other_epoch, other_case, other_channel):
                assert await heard(listening, 0) == []

    @story(board)
    async def test_nothing_is_kept_for_who_comes_later_or_has_left(self, world: Any) -> None:
        await board.publish(Move(1))
        async with world.listening(board):
            await board.publish(Move(2))
        await board.publish(Move(3))
        async with world.listening(board) as later:
            await board.publish(Move(4))
            await board.publish(END)
            assert await heard(later, 1) == [Move(4)]

    @story(board)
    async def test_an_event_has_240_kilobytes_at_most(self, world: Any) -> None:
        rest = len(board.codec.content(Move(1)))
        fits = Move(1, "x" * (EVENT_BYTES_MAX - rest))
        async with world.listening(board) as one:
            await board.publish(fits)
            for text in (fits.text + "x", "é" * (len(fits.text) // 2 + 1)):
                with pytest.raises(Invalid, match=r"bytes, limit 245,760.*hint: put it in a table"):
                    await board.publish(Move(1, text))
            await board.publish(END)
            assert await heard(one, 1) == [fits]

    @story(live)
    async def test_ids_are_what_the_template_names_and_plain(self, world: Any) -> None:
        wrong: Sequence[object] = ("", "x" * 51, "a/b", "*", "a b", "ä", "..", "a_b", None, 7)
        for id in wrong:
            with pytest.raises(Invalid, match="is no id: 1 to 50 of a-z, A-Z, 0-9 and -"):
                await live.publish(END, id=id, epoch="1")  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="the id 'epoch' is missing"):
            await live.publish(END, id="r1")  # type: ignore[call-arg]
        with pytest.raises(Invalid, match=r"no id 'epoc'. hint: did you mean 'epoch'\?"):
            await live.publish(END, id="r1", epoc="1")  # type: ignore[call-arg]
        async with world.listening(live, id="x" * 50, epoch="a-1") as one:
            await live.publish(END, id="x" * 50, epoch="a-1")
            await live.publish(Move(1), "x" * 50, "a-1")  # in the order of the guard
            assert await heard(one, 1) == [Move(1)]

    @story(live)
    async def test_it_takes_no_part_in_a_transaction(self, world: Any) -> None:
        with pytest.raises(Invalid, match="best effort and has no tx="):
            await live.publish(END, id="r1", epoch="1", tx=None)  # type: ignore[call-arg]

    @story(board)
    async def test_what_is_no_event_of_the_channel_is_refused(self, world: Any) -> None:
        for wrong in (Move("x"), {"seq": 1}, Caller("a", "b")):  # type: ignore[arg-type]
            with pytest.raises(Invalid):
                await board.publish(wrong)  # type: ignore[arg-type]

    @story(board)
    async def test_who_publishes_for_nobody_is_not_told(self, world: Any) -> None:
        await board.publish(Move(1))
