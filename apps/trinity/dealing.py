"""The deck as one member has it: in an order of his own, with what he has said. Orders differ only
within a few titles, so that what one has liked the others meet soon, and nobody follows anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

from msgspec.structs import asdict

from skylift import Caller, Struct, gather

from .decks import Deck, Title, decks
from .model import Choice, Room
from .people import api
from .rooms import seen_by
from .votes import Vote, ballot_of, votes

SHUFFLED = 10  # titles at a time


class DeckTitle(Title, frozen=True, kw_only=True):
    mine: Choice | None = None
    is_final: bool = False  # a title that was skipped for the first time is asked for again


class OwnDeck(Struct, frozen=True):
    titles: list[DeckTitle]


@api.get("/rooms/{id}/deck")
async def read_deck(id: str, caller: Caller) -> OwnDeck:
    room = await seen_by(id, caller.id)
    parts, said = await gather(_parts(id), _said(id, caller.id))
    return OwnDeck(dealt(ordered(room, parts, caller.id), said))


def ordered(room: Room, parts: Iterable[Deck], who: str) -> list[Title]:
    """The same whenever he asks; what the deck was extended by comes behind it."""
    titles: list[Title] = []
    for deck in parts:
        for start in range(0, len(deck.titles), SHUFFLED):
            few = deck.titles[start : start + SHUFFLED]
            if room.rules.order == "own":
                Random(f"{room.id}:{who}:{deck.part}:{start}").shuffle(few)
            titles += few
    return titles


def dealt(titles: Iterable[Title], said: Mapping[str, Vote]) -> list[DeckTitle]:
    """With what he has said; what he has put off comes last."""
    dealt = [_title(one, said.get(one.id)) for one in titles]
    return sorted(dealt, key=lambda one: one.mine is not None and not one.is_final)


def _title(title: Title, vote: Vote | None) -> DeckTitle:
    if vote is None:
        return DeckTitle(**asdict(title))
    return DeckTitle(**asdict(title), mine=vote.choice, is_final=vote.is_final)


async def _parts(room_id: str) -> list[Deck]:
    return [one async for one in decks.query(room_id)]


async def _said(room_id: str, who: str) -> dict[str, Vote]:
    return {one.title_id: one async for one in votes.query(ballot_of(room_id, who))}
