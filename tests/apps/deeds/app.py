"""One function for each verb: what AWS asks for it can be seen alone."""

from skylift import App

from . import messages, things

app = App("deeds", things, messages)
