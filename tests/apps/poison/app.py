"""A message that ends the process that handles it, among others that do no harm."""

from skylift import App

from . import cups

app = App("poison", cups)
