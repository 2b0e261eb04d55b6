"""The app that is killed: each module bears one kind of load, and says what is stored of it."""

from skylift import App

from . import accounts, api, entries, errands, gifts, orders, seats, sheets, steps

app = App("ledger", api, entries, accounts, sheets, seats, errands, orders, steps, gifts)
