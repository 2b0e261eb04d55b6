"""Trinity's votes and its way in, as they are, with doors by which a test looks behind them."""

from skylift import App
from trinity import (
    codes,
    decks,
    events,
    idle,
    joining,
    judging,
    people,
    rooms,
    votes,
)

from . import doors, lobbies

app = App(
    "swipes", people, events, rooms, decks, votes, judging, idle, codes, joining, doors, lobbies
)
