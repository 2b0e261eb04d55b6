"""Lambda's event source of a table's stream, as AWS documents it, in front of a deployed function:
batches in order, from the lowest record that is said to have failed again, halved when the function
crashes, given up after so many retries. MiniStack's own asks once, whatever it is answered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.rehearsal.changes import Stream
from tests.rehearsal.deployment import Deployment

ROUNDS_MAX = 50

Record = dict[str, Any]


class EventSource:
    """Instead of the one that was deployed for this function, which is switched off."""

    def __init__(self, deployment: Deployment, function: str, table: str) -> None:
        self._lambda = deployment.client("lambda")
        (found,) = self._lambda.list_event_source_mappings(FunctionName=function)[
            "EventSourceMappings"
        ]
        self._lambda.update_event_source_mapping(UUID=found["UUID"], Enabled=False)
        self._function, self._batch = function, found["BatchSize"]
        self.retries_max = found["MaximumRetryAttempts"]
        self._stream = Stream(deployment.stack.environment, table)
        self.answers: list[Any] = []  # of the function, in order
        self.late_s = 0.0  # how much older records are said to be than they are
        self.given_up: list[Record] = []

    def skip(self) -> None:
        """What is there now was somebody else's."""
        list(self._stream.read())

    def hand_over(self) -> None:
        """All there is, until it is done with."""
        records = list(self._stream.read())
        for one in records:
            one["dynamodb"]["ApproximateCreationDateTime"] -= self.late_s
        for start in range(0, len(records), self._batch):
            self._handled(records[start : start + self._batch], 0)

    def close(self) -> None:
        self._stream.close()

    def _handled(self, batch: Sequence[Record], retries: int) -> None:
        for _ in range(ROUNDS_MAX):
            if not batch:
                return
            if retries > self.retries_max:
                self.given_up += batch
                return
            answer = self._invoked(batch)
            if answer is None and len(batch) > 1:
                half = len(batch) // 2
                self._handled(batch[:half], retries)
                self._handled(batch[half:], retries)
                return
            failed = (
                answer["batchItemFailures"] if answer else [{"itemIdentifier": number(batch[0])}]
            )
            lowest = min([one["itemIdentifier"] for one in failed], default="")
            retries += 1
            batch = [one for one in batch if failed and number(one) >= lowest]
        raise AssertionError(f"it never ends: {self.answers[-3:]}")

    def _invoked(self, batch: Sequence[Record]) -> Any:
        """None when the function has crashed."""
        event = json.dumps({"Records": list(batch)})
        told = self._lambda.invoke(FunctionName=self._function, Payload=event)
        answer = None if told.get("FunctionError") else json.loads(told["Payload"].read())
        self.answers.append(answer)
        return answer


def number(record: Record) -> str:
    """Of one width in a stream: their order is that of the text."""
    return str(record["dynamodb"]["SequenceNumber"])
