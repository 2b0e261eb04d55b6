"""What is compared here and in an emulator of AWS: a route that sends, a consumer that handles."""

from skylift import App

from . import jobs

app = App("courier", jobs)
