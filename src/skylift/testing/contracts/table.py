"""What every TablePort and StorePort must do. Bind it with a fixture `open_world`, three lines a
backend; nothing in it is skipped or changed for one of them.
"""

from __future__ import annotations

from .table_conditions import ConditionsContract
from .table_expiry import ExpiryContract
from .table_queries import QueriesContract
from .table_transactions import TransactionsContract
from .table_updates import UpdatesContract
from .table_writes import WritesContract


class TableContract(
    WritesContract,
    UpdatesContract,
    ConditionsContract,
    QueriesContract,
    TransactionsContract,
    ExpiryContract,
):
    """All of it."""
