"""Trinity: a group decides what to watch, together, live. Read the modules in this order."""

from skylift import App

from . import codes, decks, hosting, joining, judging, opening, people, rooms, site, votes

app = App(
    "trinity",
    people, rooms, opening, codes, joining, hosting, decks, votes, judging, site,
)  # fmt: skip
