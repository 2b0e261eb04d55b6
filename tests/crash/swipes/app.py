"""Trinity's votes, as they are, with doors by which a test comes in and looks behind them."""

from skylift import App
from trinity import decks, events, idle, judging, people, rooms, votes

from . import doors

app = App("swipes", people, events, rooms, decks, votes, judging, idle, doors)
