"""The app that is killed while everything that may call a function calls one: each module bears one
kind of load, and says what came of it.
"""

from skylift import App

from . import api, arrivals, counters, deals, facts, jobs, news, rings, runs, walks

app = App("events", api, arrivals, news, walks, facts, rings, runs, counters, jobs, deals)
