"""What is published arrives at everybody who subscribed, as it was published."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import json

from ....invocation import invocation
from ...story import story
from .stock import (
    STANDARD,
    Author,
    News,
    arrived,
    copies,
    envelope,
    ids,
    large,
    mail_it,
    news,
    print_it,
    told,
    unheard,
)

EVERYBODY = (print_it, mail_it, copies)


class FanoutContract:
    @story(*STANDARD)
    async def test_each_subscriber_and_each_fed_queue_gets_it(self, world: Any) -> None:
        sent = News("a", "naïve 🚀", 3.5, True, Author("Ann"), ["x", "y"])
        await news.publish(sent)
        for source in EVERYBODY:
            (held,) = await arrived(world, source, 1)
            assert told(held) == sent
            assert (held.attempt, held.group) == (1, "")
        assert await arrived(world, large) == []

    @story(*STANDARD)
    async def test_what_one_has_taken_the_others_still_have(self, world: Any) -> None:
        await news.publish(News("a"))
        assert await ids(world, print_it, 1) == ["a"]
        await news.publish(News("b"))
        assert await ids(world, print_it, 1) == ["b"]
        assert sorted(await ids(world, mail_it, 2)) == ["a", "b"]

    @story(*STANDARD)
    async def test_many_arrive_each_once(self, world: Any) -> None:
        for no in range(60):
            await news.publish(News(str(no)))
        for source in EVERYBODY:
            assert sorted(map(int, await ids(world, source, 60))) == [*range(60)]

    @story(unheard)
    async def test_who_publishes_for_nobody_is_not_told(self, world: Any) -> None:
        await unheard.publish(News("a"))

    @story(*STANDARD, unheard)
    async def test_topics_do_not_share_messages(self, world: Any) -> None:
        await unheard.publish(News("a"))
        await news.publish(News("b"))
        assert await ids(world, copies, 1) == ["b"]

    @story(*STANDARD)
    async def test_what_travels_is_the_message_with_a_mark_in_these_very_bytes(
        self, world: Any
    ) -> None:
        await news.publish(News("a", "two\nlines"))
        (held,) = await arrived(world, copies, 1)
        said, trace = envelope(held), invocation().trace
        sent_at = held.body.split('"sent_at":"')[1][:27]
        assert held.body == (
            '{"id":"a","about":"two\\nlines","size":0.0,"urgent":false,"by":null,"tags":[],"skylift":'
            f'{{"version":1,"id":"{said.id}","type":"News","sent_at":"{sent_at}",'
            f'"trace":"{trace}"}}}}'
        )
        assert len(said.id) == 32
        assert (said.type, said.trace) == ("News", trace)
        assert datetime.fromisoformat(sent_at).tzinfo == UTC

    @story(*STANDARD)
    async def test_everybody_gets_the_same_text_and_each_message_an_id_of_its_own(
        self, world: Any
    ) -> None:
        await news.publish(News("a"))
        await news.publish(News("a"))
        texts = {one.body for one in await arrived(world, copies, 2)}
        for source in (print_it, mail_it):
            assert {one.body for one in await arrived(world, source, 2)} == texts
        assert len({json.decode(text)["skylift"]["id"] for text in texts}) == 2

    @story(*STANDARD)
    async def test_letters_that_a_queue_refuses_travel_as_escapes(self, world: Any) -> None:
        text = "".join(map(chr, range(0x20))) + "\x7f\x85\u2028\ufdd0\ufffd\ufffe\uffff\U0010ffff"
        await news.publish(News("a", text))
        for source in EVERYBODY:
            (held,) = await arrived(world, source, 1)
            assert told(held).about == text
