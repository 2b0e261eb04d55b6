"""Everything the process is loaded with while it is killed. A new resource adds its load here."""

from tests.crash.loads.accounts import AccountLoad
from tests.crash.loads.entries import EntryLoad
from tests.crash.loads.errands import ErrandLoad
from tests.crash.loads.gifts import GiftLoad
from tests.crash.loads.load import Load
from tests.crash.loads.orders import OrderLoad
from tests.crash.loads.seats import SeatLoad
from tests.crash.loads.sheets import SheetLoad
from tests.crash.loads.steps import StepLoad

__all__ = ["Load", "all_loads"]


def all_loads() -> list[Load]:
    return [
        *(EntryLoad(), AccountLoad(), SheetLoad(), SeatLoad()),
        *(ErrandLoad(), OrderLoad(), StepLoad(), GiftLoad()),
    ]
