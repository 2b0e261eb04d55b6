"""The standard library's logging, where the app or Lambda's runtime has loaded it: each line says
which function wrote it and in which trace. The runtime writes it, in its own JSON.
"""

from __future__ import annotations

import logging

from ...invocation import current


class InvocationFilter:
    """Lets everything pass. What it adds, the runtime writes beside what an author gave by
    `extra=`.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        running = current.get(None)
        if running is not None:
            record.function, record.trace = running.function, running.trace
        return True


def tap() -> bool:
    """Whether there was a handler to stand before: the runtime's, or the author's own."""
    handlers = logging.getLogger().handlers
    for handler in handlers:
        handler.addFilter(InvocationFilter())
    return bool(handlers)
