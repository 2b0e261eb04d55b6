"""Trinity: a group decides what to watch, together, live. Read the modules in this order."""

from skylift import App

from . import (
    asking,
    auth,
    codes,
    decks,
    genres,
    hosting,
    idle,
    joining,
    judging,
    live,
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
    views,
    votes,
)
from .catalogue import searching

app = App(
    "trinity",
    people, auth, profile, rooms, opening, codes, joining, hosting, restarting, presenting, idle,
    views, genres, searching, decks, votes, judging,
    results, stalemate, polls, asking, live, presence, site,
)  # fmt: skip
