"""What the queue figures serve: a producer and a consumer in one process, and a route that sends
one message a request.
"""

from skylift import App

from . import counting

app = App("relay", counting)
