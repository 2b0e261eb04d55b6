"""A message that ends the process that handles it, among others that do no harm."""

from skylift import App

from . import cups, sips

app = App("poison", cups, sips)
