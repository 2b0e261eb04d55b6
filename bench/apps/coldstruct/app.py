"""What a cold start is measured with: one route that writes one item of one table."""

from skylift import App

from . import notes

app = App("coldstruct", notes)
