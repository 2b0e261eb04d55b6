"""Everything the process is loaded with while it is killed. A new resource adds its load here."""

from tests.crash.loads.accounts import AccountLoad
from tests.crash.loads.entries import EntryLoad
from tests.crash.loads.load import Load
from tests.crash.loads.seats import SeatLoad
from tests.crash.loads.sheets import SheetLoad

__all__ = ["Load", "all_loads"]


def all_loads() -> list[Load]:
    return [EntryLoad(), AccountLoad(), SheetLoad(), SeatLoad()]
