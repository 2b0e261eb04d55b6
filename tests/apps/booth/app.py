"""An app that tells live what its visitors say: to anybody, and room by room."""

from skylift import App

from . import booth

app = App("booth", booth)
