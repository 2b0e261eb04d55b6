"""What the figures of backlog and fairness serve: queues whose consumers wait at a gate until they
are let through, and a table to read and write meanwhile.
"""

from skylift import App

from . import crowd, notes, waiting

app = App("backlog", notes, waiting, crowd)
