from skylift import App

from . import orders

app = App("shop", orders)
