"""What a cold start is measured with, in dataclasses: one route that writes one item."""

from skylift import App

from . import notes

app = App("colddata", notes)
