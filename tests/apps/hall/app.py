"""An app whose rooms can be watched live, by who is in them."""

from skylift import App

from . import hall

app = App("hall", hall)
