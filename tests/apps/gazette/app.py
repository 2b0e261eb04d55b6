"""A gazette: what happens is published once, and whoever wants to hear of it does."""

from skylift import App

from . import desk, press, readers

app = App("gazette", desk, readers, press)
