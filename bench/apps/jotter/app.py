"""What the HTTP figures serve: one route that writes one durable row, one that reads it."""

from skylift import App

from . import notes

app = App("jotter", notes)
