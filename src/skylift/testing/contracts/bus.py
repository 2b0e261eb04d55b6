"""What every bus must do, with events in a StorePort. Bind it with a fixture `open_world` whose
worlds have their `ports`, the `inbox` of each function and a `clock` to be moved; nothing in it is
skipped or changed for one of them.
"""

from __future__ import annotations

from .buses.limits import LimitsContract
from .buses.patterns import PatternsContract
from .buses.routing import RoutingContract
from .buses.together import TogetherContract


class BusContract(RoutingContract, PatternsContract, LimitsContract, TogetherContract):
    """All of it."""
