"""A page and its Api, on one origin."""

from skylift import App

from . import lounge

app = App("lounge", lounge)
