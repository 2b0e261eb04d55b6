"""For those who test: an app in memory (`running`), and in `contracts` what every backend must do.
Names are loaded when first used: pytest loads this package where nobody asks for it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .opening import running as running
    from .unsettled import Unsettled as Unsettled
    from .world import World as World

_HOMES = {"Unsettled": "unsettled", "World": "world", "running": "opening"}
__all__ = ["Unsettled", "World", "running"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
