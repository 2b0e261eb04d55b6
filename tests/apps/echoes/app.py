"""The app whose traces are looked at: one request goes by every way that calls a function."""

from skylift import App

from . import far, rooms

app = App("echoes", rooms, far)
