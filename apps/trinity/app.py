"""Trinity: a group decides what to watch, together, live. Read the modules in this order."""

from skylift import App

from . import (
    asking,
    auth,
    codes,
    dealing,
    decks,
    extending,
    genres,
    history,
    hosting,
    idle,
    joining,
    judging,
    lists,
    live,
    notices,
    opening,
    people,
    polls,
    presence,
    presenting,
    profile,
    restarting,
    results,
    rooms,
    site,
    stalemate,
    stats,
    views,
    votes,
)
from .catalogue import searching, shelf, tmdb

app = App(
    "trinity",
    people, auth, profile, rooms, opening, codes, joining, hosting, restarting, presenting, idle,
    views, genres, searching, tmdb, shelf, lists, decks, dealing, extending, votes, judging,
    results, stalemate, polls, asking, live, presence,
    notices, history, stats, site,
)  # fmt: skip
