"""Tables in DynamoDB: the TablePort of one declared table. What a function does most, getting,
putting and creating, is here; the rest is loaded by who does it.

A call that may have been carried out is repeated only where that changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...invocation import invocation
from ...ports import Action, Clock, Create, Delete, Key, Put, Range, Rows
from ...resources.table import Table
from .client import Client
from .failure import Failure
from .value_dynamodb import WRITER, Attributes, Layout, object_of, text_of
from .wait import deadline

if TYPE_CHECKING:
    from .retry import Effect

ANSWER = dict[str, Any]


class DynamoTable:
    """`place` is the table's name on AWS; where somebody follows it, what is written says by
    whom.
    """

    def __init__(
        self,
        client: Client,
        place: str,
        table: Table[Any, *tuple[Any, ...]],
        clock: Clock,
        *,
        is_followed: bool = False,
    ) -> None:
        self.declared, self.place, self.is_followed = table, place, is_followed
        self.layout = Layout(table)
        self.codec = self.layout.codec
        self.client, self.clock = client, clock

    # -- the port

    async def get(self, key: Key) -> Any:
        asked = {"TableName": self.place, "Key": self.layout.key(key), "ConsistentRead": True}
        answer = await self.done("GetItem", asked, "none")
        return self.read_of(answer.get("Item"))

    async def get_many(self, keys: Sequence[Key]) -> list[Any]:
        from .many_dynamodb import got

        return await got(self, keys)

    async def write(self, action: Action) -> Any:
        asked = self.asked(action)
        if asked is None:
            from .action_dynamodb import written

            return await written(self, action)
        try:
            await self.call("PutItem", asked, "repeatable" if isinstance(action, Put) else "single")
        except Failure as failure:
            if isinstance(action, Create) and failure.code == "ConditionalCheckFailedException":
                raise self.taken(action) from failure
            raise self.translated(failure) from failure
        return None

    async def write_many(self, actions: Sequence[Put | Delete]) -> list[Exception | None]:
        from .many_dynamodb import written

        return await written(self, actions)

    async def read(self, rows: Range) -> Rows:
        from .range_dynamodb import walked

        return await walked(self, rows)

    # -- what its parts share

    async def done(self, operation: str, asked: object, effect: Effect) -> dict[str, Any]:
        """The answer, or an error that an author can act on."""
        try:
            return await self.call(operation, asked, effect)
        except Failure as failure:
            raise self.translated(failure) from failure

    async def call(self, operation: str, asked: object, effect: Effect) -> dict[str, Any]:
        until = deadline(self.clock)
        return await self.client.call(operation, asked, ANSWER, deadline=until, effect=effect)

    def read_of(self, attributes: Attributes | None) -> Any:
        """The item; None where there is none, or one that has expired."""
        if attributes is None:
            return None
        tree = object_of(attributes)
        if self.layout.is_over(tree, self.now_us()):
            return None
        return self.codec.decode(text_of(tree))

    async def contended(self, rounds: int) -> bool:
        """Let others go first for a moment; False when there is no time for that."""
        return await self.client.paused(rounds, deadline(self.clock), "contended")

    def item(self, item: Any) -> Attributes:
        """As it is written; Invalid when it, a key in it or its size is not allowed."""
        attributes = self.layout.item(item)
        if self.is_followed:
            attributes[WRITER] = self.writer()
        return attributes

    def writer(self) -> dict[str, str]:
        """The trace of who writes, and when to the microsecond: by that an item may have expired
        before it was written over.
        """
        return {"S": f"{invocation().trace} {self.now_us()}"}

    def now_us(self) -> int:
        return int(self.clock.time() * 1_000_000)

    def translated(self, failure: Failure) -> Exception:
        from .errors import translated

        return translated(failure)

    def asked(self, action: Action) -> dict[str, Any] | None:
        """The request of a write that needs nothing more than this: a put that asks for nothing,
        a create where no item expires.
        """
        if isinstance(action, Put) and action.if_ is None:
            return {"TableName": self.place, "Item": self.item(action.item)}
        if isinstance(action, Create) and self.declared.ttl is None:
            return {
                "TableName": self.place,
                "Item": self.item(action.item),
                "ConditionExpression": "attribute_not_exists(#0)",
                "ExpressionAttributeNames": {"#0": self.layout.partition},
            }
        return None

    def taken(self, action: Create) -> Exception:
        from ...errors import Conflict
        from ...resources.table import shown

        key = shown(self.declared.key_of(action.item))
        return Conflict(f"{self.declared.name}: there is {key} already")
