"""What every QueuePort must do, with the DeadPort of its consumer and messages in a StorePort. Bind
it with a fixture `open_world` whose worlds have their `ports` and a `clock` to be moved (a real one
waits); nothing in it is skipped or changed for one of them.
"""

from __future__ import annotations

from .queues.dead import DeadContract
from .queues.fairness import FairnessContract
from .queues.leases import LeasesContract
from .queues.limits import LimitsContract
from .queues.order import OrderContract
from .queues.sending import SendingContract
from .queues.together import TogetherContract
from .queues.windows import WindowsContract


class QueueContract(
    SendingContract,
    LeasesContract,
    OrderContract,
    DeadContract,
    WindowsContract,
    FairnessContract,
    LimitsContract,
    TogetherContract,
):
    """All of it."""
