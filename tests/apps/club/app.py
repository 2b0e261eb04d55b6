"""An app whose people sign in: what is closed, open and in between."""

from skylift import App

from . import club

app = App("club", club)
