"""What a batch left undone, what comes after a page, and what fits into one batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .failure import GARBLED, Failure

Asked = Mapping[str, Any]


def next_page(asked: Asked, answer: Asked) -> dict[str, Any] | None:
    """What to ask for the rest of a Query or Scan. A page may be empty and not the last."""
    last = answer.get("LastEvaluatedKey")
    return {**asked, "ExclusiveStartKey": last} if last else None


def left_undone(asked: Asked, answer: Asked) -> dict[str, Any] | None:
    """What to ask again of a BatchGetItem or BatchWriteItem that was done in part."""
    rest = answer.get("UnprocessedKeys") or answer.get("UnprocessedItems")
    return {**asked, "RequestItems": rest} if rest else None


def entries_failed(ids: Sequence[str], answer: Asked) -> dict[str, Failure]:
    """Entries of a batch of SQS that did not succeed, by their ids. One of which nothing is said
    may have.
    """
    told = {entry["Id"] for entry in answer.get("Successful", ())}
    failed = {entry["Id"]: _failure_of(entry) for entry in answer.get("Failed", ())}
    silent = Failure(GARBLED, "the answer does not say what became of it", unknown=True)
    return {id: failed.get(id, silent) for id in ids if id in failed or id not in told}


def _failure_of(entry: Asked) -> Failure:
    status = 400 if entry.get("SenderFault") else 500
    return Failure(str(entry.get("Code")), str(entry.get("Message", "")), status=status)


def fitting(sizes: Sequence[int], count_max: int, bytes_max: int) -> Iterator[range]:
    """Which of them go together, in order. One that is too large for any batch goes alone."""
    start = total = 0
    for place, size in enumerate(sizes):
        if place > start and (place - start >= count_max or total + size > bytes_max):
            yield range(start, place)
            start, total = place, 0
        total += size
    if start < len(sizes):
        yield range(start, len(sizes))
