"""A diner: dishes are cooked by whom the orders come to, or who is told to, and nobody waits."""

from skylift import App

from . import dishes

app = App("diner", dishes)
