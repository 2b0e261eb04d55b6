"""An app whose functions hear of each other by a bus: its own, with an archive, and another app's."""

from skylift import App

from . import rooms, statistics

app = App("lobby", rooms, statistics)
