"""What was learnt from TMDB, kept for a day as if it were there, and for a month in case it is not.
All functions together ask it forty times in each ten seconds at most, and not at all for a while
after a failure: a room is never kept waiting by a catalogue that is down.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from skylift import Conflict, NotFound, Struct, Table, attr, in_thread, new_id, now

from .choosing import Candidate, ScreenKind, Wanted, is_good
from .tmdb import SPOKEN, Query, Unreachable, address, learnt, path_of, tiers

FRESH = timedelta(days=1)
KEPT = timedelta(days=30)  # its terms allow six months
LEFT_ALONE = timedelta(seconds=30)  # after a failure, unless it says how long
PATIENCE = timedelta(seconds=4)  # in all, for one deck
PAUSE_S = 0.5  # before another try, or half of that
WINDOW_S, ASKED_MAX = 10, 40
DOWN = "down"
TIER_PAGES_MAX, PAGES_DECK = 5, 50  # for a deck of so many, or each begun more


class Page(Struct, frozen=True, kw_only=True):
    query: str
    titles: list[Candidate]
    pages: int  # that there are
    read_at: datetime
    expires_at: datetime | None = None


class Turn(Struct, frozen=True):
    """How often TMDB was asked in a window of ten seconds, by its end; or that it is down. Either
    is gone by itself.
    """

    id: str
    asked: int
    expires_at: datetime


class Gathered(Struct, frozen=True):
    titles: list[Candidate]
    is_whole: bool  # everything that was asked for is there, and of today


pages = Table("pages", Page, key="query", ttl="expires_at")
turns = Table("turns", Turn, key="id", ttl="expires_at")


async def gathered(wanted: Wanted, kind: ScreenKind, token: str) -> Gathered:
    """Titles for a deck, those with its genres first, until there are enough. Which pages of a tier
    are read is chance, so that rooms of the same wishes have different decks.
    """
    ends, found, missed = now() + PATIENCE, dict[str, Candidate](), list[str]()
    most = TIER_PAGES_MAX + (wanted.count + len(wanted.without) - 1) // PAGES_DECK
    for genres in tiers(kind, wanted.genres):
        left: list[int] = [*range(1, most + 1)]
        Random(f"{wanted.seed}:{genres}").shuffle(left)
        while left and len(found) < wanted.count:
            page = await _page(Query(kind, genres, left.pop()), token, ends, missed)
            if page is None:
                continue
            left = [number for number in left if number <= page.pages]
            good = (one for one in page.titles if is_good(one) and not wanted.leaves_out(one.title))
            found |= {one.title.id: one for one in good}
    if missed:
        from logging import getLogger  # where nothing is missed nothing is told

        getLogger(__name__).warning("TMDB is done without: %s", missed[0])
    return Gathered([*found.values()], is_whole=not missed)


def is_fresh(page: Page) -> bool:
    return now() - page.read_at < FRESH


async def _page(query: Query, token: str, ends: datetime, missed: list[str]) -> Page | None:
    """Of today, or an older one where TMDB does not answer: `missed` says why."""
    kept = await pages.get(query.id)
    if kept is not None and is_fresh(kept):
        return kept
    try:
        await _take_turn(len(SPOKEN))
        return await _read(query, token, ends)
    except Unreachable as no:
        missed.append(str(no))
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
        await turns.put(Turn(DOWN, 0, now() + alone))
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
    if await turns.get(DOWN) is not None:
        raise Unreachable("it failed a moment ago")
    ends = (int(now().timestamp()) // WINDOW_S + 1) * WINDOW_S
    is_free = attr("asked") <= ASKED_MAX - requests
    for _ in range(2):  # who comes second to a new window finds it there
        try:
            await turns.update(str(ends), add={"asked": requests}, if_=is_free)
        except NotFound:
            if await _begun(Turn(str(ends), requests, datetime.fromtimestamp(ends, UTC))):
                return
        except Conflict:
            break
        else:
            return
    raise Unreachable("it was asked enough for the moment")


async def _begun(turn: Turn) -> bool:
    try:
        await turns.create(turn)
    except Conflict:
        return False
    return True
