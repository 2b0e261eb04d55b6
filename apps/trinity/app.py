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
    profile,
    rooms,
    site,
    votes,
)

app = App(
    "trinity",
    people, auth, profile, rooms, opening, codes, joining, hosting, decks, votes, judging, site,
)  # fmt: skip
