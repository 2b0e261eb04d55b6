"""Every kind of parameter, body, answer and error there is, for tools that try them all."""

from skylift import App

from . import answers, api, bodies, broken, failures, headers, orders, paths, queries, seats

app = App("every", api, paths, queries, headers, bodies, answers, seats, orders, failures, broken)
