from skylift import App

from . import jobs

app = App("letters", jobs)
