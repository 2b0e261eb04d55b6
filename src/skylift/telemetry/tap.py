"""The standard library's logging, written along. Loaded only where the app or something it uses has
loaded logging: nobody else pays for it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from msgspec import MsgspecError, json

from ..engine.told import told
from ..invocation import current
from .recorder import Recorder, clipped

# What a record has of itself; all else an author has given with `extra=`.
STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
EXTRA_MAX = 8_000  # letters


class LogTap(logging.Handler):
    """Takes what reaches the root logger while an invocation that reports to this recorder runs, or
    none does: several apps may share a process.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self.has_lowered = False

    def attach(self) -> None:
        """Where nobody has configured logging, INFO is logged too: that is what it is for."""
        root = logging.getLogger()
        taps = [one for one in root.handlers if isinstance(one, LogTap)]
        is_configured = any(is_foreign(one) for one in root.handlers)
        if any(one.has_lowered for one in taps):
            self.has_lowered = True
        elif root.level == logging.WARNING and not is_configured:
            root.setLevel(logging.INFO)
            self.has_lowered = True
        root.addHandler(self)

    def detach(self) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        is_last = not any(isinstance(one, LogTap) for one in root.handlers)
        if self.has_lowered and is_last and root.level == logging.INFO:
            root.setLevel(logging.WARNING)
        self.close()

    def emit(self, record: logging.LogRecord) -> None:
        running = current.get(None)
        if running is not None and running.ports.report is not self._recorder:
            return  # of another app in this process
        self._recorder.log(
            record.levelname,
            self._text(record),
            running,
            logger=record.name,
            exception=_exception(record),
            extra=_extra(record) if len(vars(record)) >= len(STANDARD) - 2 else "",
        )
        if record.levelno >= logging.WARNING and _is_unheard(record.name):
            self._say(record)

    def _text(self, record: logging.LogRecord) -> str:
        try:
            return record.getMessage()
        except Exception:  # an argument that cannot be shown, or a format that does not fit: who
            # says it at the terminal complains of it there
            return f"(cannot be shown) {record.pathname}:{record.lineno}"

    @staticmethod
    def _say(record: logging.LogRecord) -> None:
        """Without us it would be said on stderr, so it still is."""
        if logging.lastResort is not None:
            logging.lastResort.handle(record)


def is_foreign(handler: logging.Handler) -> bool:
    """Somebody wants the logs elsewhere. What pytest attaches to every test is no choice of the
    author's.
    """
    return not isinstance(handler, LogTap) and not type(handler).__module__.startswith("_pytest")


def _is_unheard(name: str) -> bool:
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None:
        if any(not isinstance(one, LogTap) for one in logger.handlers):
            return False
        logger = logger.parent if logger.propagate else None
    return True


def _exception(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    text = told(error) if error is not None else record.exc_text or ""
    return f"{text}\n{record.stack_info}".strip() if record.stack_info else text


def _extra(record: logging.LogRecord) -> str:
    given = {name: value for name, value in vars(record).items() if name not in STANDARD}
    return as_json(given) if given else ""


def as_json(given: Mapping[str, Any]) -> str:
    """What was given as it is now, whatever becomes of it; what JSON cannot say, as text."""
    try:
        text = json.encode(given, enc_hook=_shown).decode()
    except (MsgspecError, UnicodeError, TypeError, ValueError, RecursionError):
        text = ""
    if not text or len(text) > EXTRA_MAX:
        part = EXTRA_MAX // (len(given) + 1)
        short = {clipped(name): clipped(_shown(value))[:part] for name, value in given.items()}
        text = json.encode(short).decode()
    return text


def _shown(value: object) -> str:
    try:
        return str(value)
    except Exception:  # an author's own
        return f"<{type(value).__name__}>"
