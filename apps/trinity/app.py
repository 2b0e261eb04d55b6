"""Trinity: a group decides what to watch, together, live. Read the modules in this order."""

from skylift import App

from . import decks, judging, people, rooms, site, votes

app = App("trinity", people, rooms, decks, votes, judging, site)
