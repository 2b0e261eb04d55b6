from skylift import App

from . import desk

app = App("desk", desk)
