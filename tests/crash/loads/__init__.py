"""Everything the process is loaded with while it is killed. A new resource adds its load here."""

from tests.crash.loads.accounts import AccountLoad
from tests.crash.loads.counters import CounterLoad
from tests.crash.loads.deals import DealLoad
from tests.crash.loads.entries import EntryLoad
from tests.crash.loads.errands import ErrandLoad
from tests.crash.loads.fans import FanLoad, jobs, news, rooms
from tests.crash.loads.gifts import GiftLoad
from tests.crash.loads.load import Load
from tests.crash.loads.orders import OrderLoad
from tests.crash.loads.rings import RingLoad
from tests.crash.loads.runs import RunLoad
from tests.crash.loads.seats import SeatLoad
from tests.crash.loads.sheets import SheetLoad
from tests.crash.loads.steps import StepLoad

__all__ = ["Load", "all_loads", "event_loads"]


def event_loads(failing_rounds: int, *, counts_attempts: bool = True) -> list[Load]:
    """Of everything that may call a function but requests and queues, for an app of its own. What
    was in flight when the power was cut may come again as if it had not.
    """
    runs = RunLoad(counts_attempts=counts_attempts)
    counters = CounterLoad(counts_attempts=counts_attempts)
    return [
        *(runs, RingLoad(long_rounds=failing_rounds), counters, StepLoad()),
        FanLoad("news", news, failing_rounds=failing_rounds),
        FanLoad("rooms", rooms, failing_rounds=failing_rounds),
        FanLoad("jobs", jobs, workers=1, failing_rounds=failing_rounds),
        DealLoad(),
    ]


def all_loads() -> list[Load]:
    return [
        *(EntryLoad(), AccountLoad(), SheetLoad(), SeatLoad()),
        *(ErrandLoad(), OrderLoad(), StepLoad(), GiftLoad()),
    ]
