from skylift import App

from . import gates

app = App("turnstile", gates)
