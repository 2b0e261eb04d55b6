"""What is measured of channels: one publishes, and thousands are connected."""

from skylift import App

from . import stadium

app = App("stadium", stadium)
