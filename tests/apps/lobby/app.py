"""An app whose functions hear of each other by a bus: its own, and one of another app."""

from skylift import App

from . import rooms, statistics

app = App("lobby", rooms, statistics)
