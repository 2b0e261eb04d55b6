"""The stream of a table on MiniStack, read as Lambda's event source reads it. Its records become
changes by the very code that a deployed function uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import boto3

from skylift.aws.runtime.change_dynamodb import changes_in
from skylift.aws.runtime.value_dynamodb import Layout
from skylift.function import Function
from skylift.ports.delivery import Held, Settled

SHAPE = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def is_followed(name: str, functions: Sequence[Function[..., Any]]) -> bool:
    return any(
        one.trigger.kind == "change" and one.trigger.resource.name == name for one in functions
    )


class Stream:
    """From its beginning on: each record once, as an event of Lambda has it."""

    def __init__(self, environment: Mapping[str, str], table: str) -> None:
        session: Any = boto3.Session(region_name=environment["AWS_REGION"])
        self._client: Any = session.client(
            "dynamodbstreams",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        streams = self._client.list_streams(TableName=table)["Streams"]
        self._arn = streams[-1]["StreamArn"]
        shards = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        self._iterators = {one["ShardId"]: self._iterator(one["ShardId"]) for one in shards}

    def read(self) -> Iterator[dict[str, Any]]:
        """What has come since."""
        for shard, iterator in self._iterators.items():
            found = self._client.get_records(ShardIterator=iterator)
            self._iterators[shard] = found["NextShardIterator"]
            for record in found["Records"]:
                yield plain(record) | {"eventSourceARN": self._arn}

    def close(self) -> None:
        self._client.close()

    def _iterator(self, shard: str) -> str:
        asked = {"ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        found = self._client.get_shard_iterator(StreamArn=self._arn, **asked)
        return str(found["ShardIterator"])


def plain(value: Any) -> Any:
    """As JSON has it: the SDK makes bytes and times of what Lambda hands over as text and seconds,
    and names what it says of an identity as it names all else.
    """
    from base64 import b64encode
    from datetime import datetime

    if isinstance(value, dict):
        members: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {IDENTITY.get(name, name): plain(part) for name, part in members.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.timestamp() if isinstance(value, datetime) else value


IDENTITY = {"PrincipalId": "principalId", "Type": "type"}


class ChangeInbox:
    """What would call a function that follows the table. Nothing is ever done again here."""

    def __init__(self, stream: Stream, table: Any) -> None:
        self._stream, self._layout = stream, Layout(table)
        self._waiting: list[Held] = []

    async def claim(self, count: int) -> list[Held]:
        for record in self._stream.read():
            for one in changes_in(record, self._layout):
                self._waiting.append(Held(one, one.id, one.body, 1, one.sent_at, one.item))
        held, self._waiting = self._waiting[:count], self._waiting[count:]
        return held

    async def settle(self, settled: Sequence[Settled]) -> None:
        """The stream goes on by itself."""
