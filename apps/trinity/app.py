"""Trinity: a group decides what to watch, together, live. Read the modules in this order."""

from skylift import App

from . import (
    auth,
    codes,
    decks,
    hosting,
    joining,
    judging,
    opening,
    people,
    polls,
    profile,
    results,
    rooms,
    site,
    stalemate,
    votes,
)

app = App(
    "trinity",
    people, auth, profile, rooms, opening, codes, joining, hosting, decks, votes, judging, results, stalemate,
    polls, site,
)  # fmt: skip
