"""What every TablePort and StorePort must do. Bind it with a fixture `open_world`, three lines a
backend; nothing in it is skipped or changed for one of them.
"""

from __future__ import annotations

from .tables.conditions import ConditionsContract
from .tables.expiry import ExpiryContract
from .tables.queries import QueriesContract
from .tables.transactions import TransactionsContract
from .tables.updates import UpdatesContract
from .tables.writes import WritesContract


class TableContract(
    WritesContract,
    UpdatesContract,
    ConditionsContract,
    QueriesContract,
    TransactionsContract,
    ExpiryContract,
):
    """All of it but what is told to those who follow a table: `ChangesContract`, for worlds where
    a function has an inbox that can be looked into.
    """
