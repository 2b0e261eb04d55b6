"""What every backend must do, as test classes: a backend is bound to one by a fixture. Names are
loaded when first used, so that who writes a queue needs no table.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..inside import inside as inside
    from ..story import Declared as Declared
    from ..story import OpenWorld as OpenWorld
    from .bus import BusContract as BusContract
    from .channel import ChannelContract as ChannelContract
    from .ledger import LedgerContract as LedgerContract
    from .queue import QueueContract as QueueContract
    from .schedule import ScheduleContract as ScheduleContract
    from .secret import SecretContract as SecretContract
    from .setting import SettingContract as SettingContract
    from .start import StartContract as StartContract
    from .table import TableContract as TableContract
    from .tables.changes import ChangesContract as ChangesContract
    from .timer import TimerContract as TimerContract
    from .topic import TopicContract as TopicContract
    from .users import UsersContract as UsersContract

_HOMES = {
    "BusContract": f"{__name__}.bus",
    "ChangesContract": f"{__name__}.tables.changes",
    "ChannelContract": f"{__name__}.channel",
    "Declared": "skylift.testing.story",
    "LedgerContract": f"{__name__}.ledger",
    "OpenWorld": "skylift.testing.story",
    "QueueContract": f"{__name__}.queue",
    "ScheduleContract": f"{__name__}.schedule",
    "SecretContract": f"{__name__}.secret",
    "SettingContract": f"{__name__}.setting",
    "StartContract": f"{__name__}.start",
    "TableContract": f"{__name__}.table",
    "TimerContract": f"{__name__}.timer",
    "TopicContract": f"{__name__}.topic",
    "UsersContract": f"{__name__}.users",
    "inside": "skylift.testing.inside",
}
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]

# A story that fails shows what it compared.
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{name}"
        for name in (
            "accounts",
            "buses",
            "channel",
            "ledger",
            "queues",
            "schedule",
            "secret",
            "setting",
            "start",
            "tables",
            "timer",
            "topics",
        )
    )
)


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value
