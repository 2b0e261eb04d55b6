"""What was learnt from TMDB, kept for a day as if it were there, and for a month in case it is not.
All functions together ask it four times a second at most, in the mean of ten, and not at all for a
while after a failure: a room is never kept waiting by a catalogue that is down.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from skylift import Busy, Conflict, Struct, Table, attr, in_thread, new_id, now

from .choosing import Candidate, ScreenKind, Wanted, is_good
from .tmdb import SPOKEN, Query, Unreachable, address, learnt, path_of, tiers

FRESH = timedelta(days=1)
KEPT = timedelta(days=30)  # its terms allow six months
LEFT_ALONE = timedelta(seconds=30)  # after a failure, unless it says how long
PATIENCE = timedelta(seconds=4)  # in all, for one deck
PAUSE_S = 0.5  # before another try, or half of that
GAP, AHEAD = timedelta(milliseconds=250), timedelta(seconds=10)  # forty in ten seconds
TIER_PAGES_MAX, PAGES_DECK = 5, 50  # for a deck of so many, or each begun more
TURN_TRIES = 5


class Page(Struct, frozen=True, kw_only=True):
    query: str
    titles: list[Candidate]
    pages: int  # that there are
    read_at: datetime
    expires_at: datetime | None = None


class Turn(Struct, frozen=True, kw_only=True):
    """When TMDB has been asked as often as it may, were it asked one request after the other."""

    id: str = "tmdb"
    asked_until: datetime
    down_until: datetime | None = None


class Gathered(Struct, frozen=True):
    titles: list[Candidate]
    is_whole: bool  # everything that was asked for is there, and of today


pages = Table("pages", Page, key="query", ttl="expires_at")
turns = Table("turns", Turn, key="id")


async def gathered(wanted: Wanted, kind: ScreenKind, token: str) -> Gathered:
    """Titles for a deck, those with its genres first, until there are enough. Which pages of a tier
    are read is chance, so that rooms of the same wishes have different decks.
    """
    ends, found, is_whole = now() + PATIENCE, dict[str, Candidate](), True
    most = TIER_PAGES_MAX + (wanted.count + len(wanted.without) - 1) // PAGES_DECK
    for genres in tiers(kind, wanted.genres):
        left: list[int] = [*range(1, most + 1)]
        Random(f"{wanted.seed}:{genres}").shuffle(left)
        while left and len(found) < wanted.count:
            page = await _page(Query(kind, genres, left.pop()), token, ends)
            if page is None:
                is_whole = False
                continue
            is_whole = is_whole and is_fresh(page)
            left = [number for number in left if number <= page.pages]
            good = (one for one in page.titles if is_good(one) and not wanted.leaves_out(one.title))
            found |= {one.title.id: one for one in good}
    return Gathered([*found.values()], is_whole)


def is_fresh(page: Page) -> bool:
    return now() - page.read_at < FRESH


async def _page(query: Query, token: str, ends: datetime) -> Page | None:
    """Of today, or an older one where TMDB does not answer."""
    kept = await pages.get(query.id)
    if kept is not None and is_fresh(kept):
        return kept
    try:
        await _take_turn(len(SPOKEN))
        return await _read(query, token, ends)
    except Unreachable as no:
        from logging import getLogger  # what is there does not need it

        getLogger(__name__).warning("TMDB is done without: %s", no)
        return kept


async def _read(query: Query, token: str, ends: datetime) -> Page:
    from .wire import Ask, fetched  # only who asks pays for a client

    ask = Ask(
        base=await address.value(),
        paths=[path_of(query, language) for language in SPOKEN],
        token=token,
        within_s=(ends - now()).total_seconds(),
        pause_s=PAUSE_S * Random(new_id()).uniform(0.5, 1),
    )
    if ask.within_s <= 0:
        raise Unreachable("it took too long")
    try:
        said = learnt(query.kind, await in_thread(fetched, ask))
    except Unreachable as no:
        alone = LEFT_ALONE if no.after_s is None else timedelta(seconds=no.after_s)
        await turns.update("tmdb", set={"down_until": now() + alone})
        raise
    page = Page(
        query=query.id,
        titles=said.titles,
        pages=said.pages,
        read_at=now(),
        expires_at=now() + KEPT,
    )
    await pages.put(page)
    return page


async def _take_turn(requests: int) -> None:
    """Unreachable when it has failed a moment ago, or has been asked enough for the moment."""
    for _ in range(TURN_TRIES):
        turn, at = await turns.get("tmdb"), now()
        if turn is not None and turn.down_until is not None and turn.down_until > at:
            raise Unreachable("it failed a moment ago")
        asked_until = (at if turn is None else max(at, turn.asked_until)) + GAP * requests
        if asked_until - at > AHEAD:
            raise Unreachable("it was asked enough for the moment")
        try:
            return await _note_turn(turn, asked_until)
        except (Conflict, Busy):
            continue  # somebody else's turn came first
    raise Unreachable("too many ask at once")


async def _note_turn(turn: Turn | None, asked_until: datetime) -> None:
    if turn is None:
        await turns.create(Turn(asked_until=asked_until))
    else:
        is_mine = attr("asked_until") == turn.asked_until
        await turns.update("tmdb", set={"asked_until": asked_until}, if_=is_mine)
