"""A post office: what comes back and is given up, what keeps its order, what is opened at once."""

from skylift import App

from . import letters, sacks, streets, vans

app = App("post", letters, vans, sacks, streets)
