"""What is compared here and in an emulator of AWS: one publication, and fifty who hear of it."""

from skylift import App

from . import tidings

app = App("tidings", tidings)
