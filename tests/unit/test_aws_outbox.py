"""What a transaction's messages look like on their way."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skylift.aws.runtime.outbox import messages_of, outbox_item
from skylift.ports import Outgoing
from skylift.resources.transaction import MESSAGES_BYTES_MAX

ITEM_BYTES_MAX = 400 * 1024  # of DynamoDB
# Around nothing: its id, type, time and trace are always as long.
ENVELOPE = (
    f'{{"skylift":1,"id":"{"f" * 32}","type":"T","sent_at":"2061-07-28T12:00:00.000000Z",'
    f'"trace":"{"0" * 55}","body":{{}}}}'
)

queues = st.sampled_from(["counting", "mailing", "q"])
ids = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=128)
bodies = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
outgoings = st.builds(Outgoing, bodies, ids, ids, st.integers(0, 900))


@given(st.lists(st.tuples(queues, outgoings), min_size=1))
def test_messages_are_read_back_in_their_order(messages: list[tuple[str, Outgoing]]) -> None:
    assert messages_of(outbox_item(messages, "1", 0)) == messages


def test_a_delay_is_rounded_up() -> None:
    item = outbox_item([("q", Outgoing("body", delay_s=0.2))], "1", 0)
    ((_, read),) = messages_of(item)
    assert read.delay_s == 1


def test_as_much_as_a_transaction_takes_fits_into_one_item() -> None:
    """Thousands of the smallest messages are the worst: something is said of each."""
    few = [("q" * 48, Outgoing("x" * (MESSAGES_BYTES_MAX - 256), "g" * 128, "d" * 128, 900))]
    each = len(ENVELOPE) + 2
    many = [
        (f"{at % 100:048}", Outgoing(ENVELOPE, "g", "d", 900))
        for at in range(MESSAGES_BYTES_MAX // each)
    ]
    for messages in (few, many):
        size = stored_size({"M": outbox_item(messages, "f" * 32, 2_889_777_600.655)})
        print(f"{len(messages):,} messages: {size:,} bytes")
        assert size <= ITEM_BYTES_MAX


def stored_size(value: dict[str, Any]) -> int:
    """As DynamoDB counts: a list or map is 3 bytes, and each of its elements 1."""
    ((kind, inside),) = value.items()
    if kind == "L":
        return 3 + sum(1 + stored_size(one) for one in inside)
    if kind == "M":
        return 3 + sum(1 + len(name) + stored_size(one) for name, one in inside.items())
    return len(str(inside).encode())
