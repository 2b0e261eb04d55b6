from skylift import App

from . import polls

app = App("votes", polls)
