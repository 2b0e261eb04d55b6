"""How a command ends that has run handlers: a def past its deadline cannot be stopped, and the
interpreter would wait for its thread.
"""

from __future__ import annotations

import os
import sys
import threading

from ..local.workers import THREAD_NAME


def left(code: int) -> int:
    """The exit code; at once when a thread is still in the way."""
    if any(one.name.startswith(THREAD_NAME) and one.is_alive() for one in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code
