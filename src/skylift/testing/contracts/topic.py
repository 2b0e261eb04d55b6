"""What every topic must do, with messages in a StorePort. Bind it with a fixture `open_world` whose
worlds have their `ports`, the `inbox` of each function and a `clock` to be moved; nothing in it is
skipped or changed for one of them.
"""

from __future__ import annotations

from .topics.fanout import FanoutContract
from .topics.filters import FiltersContract
from .topics.limits import LimitsContract
from .topics.order import OrderContract
from .topics.together import TogetherContract


class TopicContract(
    FanoutContract, FiltersContract, OrderContract, LimitsContract, TogetherContract
):
    """All of it."""
