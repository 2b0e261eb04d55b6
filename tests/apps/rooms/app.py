"""Rooms that close at their time, unless somebody puts it off."""

from skylift import App

from . import rooms

app = App("rooms", rooms)
