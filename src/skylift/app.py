"""An app: the modules whose resources and functions belong together. Nothing registers itself by
being imported.
"""

from __future__ import annotations

import sys
from types import ModuleType


class App:
    """`App("hello", notes)`: every resource and function found in these modules; a package is
    walked one level.
    """

    def __init__(self, name: str, *modules: ModuleType) -> None:
        self.name = name
        self.modules = modules
        caller = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        self.place = f"{caller.f_code.co_filename}:{caller.f_lineno}"
        self.package: str = caller.f_globals.get("__package__") or ""
