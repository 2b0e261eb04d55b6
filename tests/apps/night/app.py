from skylift import App

from . import watch

app = App("night", watch)
