"""The app that owns the bus of the house: its name is another than its folder's."""

from skylift import App

from . import ovens

app = App("bakery", ovens)
