"""What is compared here and in an emulator of AWS: one vote, and who follows their table."""

from skylift import App

from . import votes

app = App("ballot", votes)
