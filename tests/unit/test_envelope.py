"""Messages as they travel: golden bytes, what others send, types that changed since, and whatever
bytes may stand where a message should.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift import Invalid, Struct
from skylift.codec import MessageCodec
from skylift.codec.envelope import MESSAGE_BYTES_MAX, Opened, Undecodable, opened, unmarked
from skylift.testing.contracts.tables.stock import City, Holding, holding
from tests.trials import trials
from tests.unit.test_decoders import damaged

INPUTS = 100_000
ID, TRACE = "5f" * 16, "00-" + "4b" * 16 + "-" + "a1" * 8 + "-01"
SENT_AT = datetime(2061, 7, 28, 12, tzinfo=UTC)


class CountWords(Struct):
    note_id: str


class Order(Struct):
    id: str
    lines: list[str] = []
    price: Decimal = Decimal(0)
    at: datetime | None = None
    tags: set[str] = set()


class TooLargeError(Exception):
    """An author's own."""


@dataclass
class Checked:
    size: int

    def __post_init__(self) -> None:
        assert self.size > 0
        if self.size == 9:
            raise TooLargeError("nine")
        self.known = {1: "one", 2: "two"}[self.size]


class Model(pydantic.BaseModel):
    id: str
    size: int = pydantic.Field(default=0, ge=0)


def enveloped(message: object, sent_at: datetime = SENT_AT) -> str:
    codec = MessageCodec(type(message), "queue 'q'")
    return codec.enclosed(codec.content(message), ID, sent_at, TRACE)


def read(kind: type[Any], text: str | bytes) -> Any:
    return MessageCodec(kind, "queue 'q'").decode(opened(text))


# -- bytes


@pytest.mark.parametrize(
    ("message", "type_", "body"),
    [
        (CountWords("n1"), "CountWords", '{"note_id":"n1"}'),
        (
            Order("ø", ["1"], Decimal("9.90"), datetime(2026, 11, 20, 9, tzinfo=UTC), {"b", "a"}),
            "Order",
            '{"id":"ø","lines":["1"],"price":9.9,"at":"2026-11-20T09:00:00.000000Z",'
            '"tags":["a","b"]}',
        ),
        (Model(id="m", size=2), "Model", '{"id":"m","size":2}'),
        (Checked(1), "Checked", '{"size":1}'),
        (CountWords('"\\\n\x00\x1f\x7f\u2028\ufffe\uffff🚀'), "CountWords", None),
    ],
)
def test_an_envelope_has_these_very_bytes(message: object, type_: str, body: str | None) -> None:
    """They outlive the code that writes them: a change here is a new version."""
    if body is None:
        body = '{"note_id":"\\"\\\\\\n\\u0000\\u001f\x7f\u2028\\ufffe\\uffff🚀"}'
    assert enveloped(message) == (
        '{"skylift":1,"id":"5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f",'
        f'"type":"{type_}","sent_at":"2061-07-28T12:00:00.000000Z",'
        '"trace":"00-4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b-a1a1a1a1a1a1a1a1-01",'
        f'"body":{body}}}'
    )
    assert read(type(message), enveloped(message)) == message


def test_an_envelope_says_what_it_holds() -> None:
    found = opened(enveloped(CountWords("n1")))
    assert (found.id, found.type, found.trace) == (ID, "CountWords", TRACE)
    assert found.body == b'{"note_id":"n1"}'


def test_the_time_of_sending_is_told_in_utc() -> None:
    text = enveloped(CountWords("n1"), SENT_AT.astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert '"sent_at":"2061-07-28T12:00:00.000000Z"' in text


def test_members_may_stand_in_any_order_and_others_beside_them() -> None:
    text = (
        f'{{"body": {{"note_id": "n1"}}, "new": [1], "trace": "{TRACE}", "sent_at": "?", '
        f'"type": "CountWords", "id": "x", "skylift": 1}}'
    )
    assert read(CountWords, text) == CountWords("n1")
    assert opened(text).id == "x"


def test_a_message_has_at_most_a_mebibyte_its_envelope_included() -> None:
    room = MESSAGE_BYTES_MAX - len(enveloped(CountWords("")))
    assert len(enveloped(CountWords("x" * room))) == MESSAGE_BYTES_MAX
    assert len(enveloped(CountWords("é" * (room // 2))).encode()) <= MESSAGE_BYTES_MAX
    for text in ("x" * (room + 1), "é" * (room // 2 + 1), "\x00" * (room // 6 + 1)):
        with pytest.raises(Invalid, match=r"queue 'q': the message has 1,0.* limit 1,048,576"):
            enveloped(CountWords(text))


# -- what others send


@pytest.mark.parametrize(
    "text", ['{"note_id":"n1"}', b'{"note_id": "n1", "unknown": {}}', ' {"note_id":"n1"}\n']
)
def test_json_of_a_foreign_sender_is_the_message_itself(text: str | bytes) -> None:
    found = opened(text)
    assert (found.id, found.type, found.trace) == ("", "", "")
    assert read(CountWords, text) == CountWords("n1")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON"),
        ("hello", "it is no JSON"),
        ('{"note_id":"n1"', "it is no JSON"),
        ('{"note_id":"n1"} {}', "JSON is malformed: trailing characters"),
        (b"\xff\xfe", "it is no JSON"),
        ('"\ud800"', "it is no JSON"),
        ("null", "Expected `object`, got `null`"),
        ('["n1"]', "Expected `object`, got `array`"),
        ("{}", "Object missing required field `note_id`"),
        ('{"note_id":1}', "Expected `str`, got `int` - at `$.note_id`"),
        ('{"note_id":null}', "Object missing required field `note_id`"),
        ('{"note_id":"\\ud800"}', ""),
        ('{"skylift":2}', "its envelope cannot be read"),
        ('{"skylift":"1","id":"","type":"","sent_at":"","trace":"","body":{}}', "its envelope"),
        ('{"skylift":1,"body":{"note_id":"n1"}}', "its envelope cannot be read"),
        ('{"skylift":null,"note_id":"n1"}', "its envelope cannot be read"),
        (
            '{"skylift":2,"id":"","type":"","sent_at":"","trace":"","body":{"note_id":"n1"}}',
            "it is an envelope of version 2, known is 1",
        ),
        ("[" * 100_000, ""),
        ('{"note_id":' + "[" * 100_000, ""),
        ('{"skylift":1,"body":' + "[" * 100_000, "it is no JSON"),
    ],
)
def test_what_is_no_message_is_undecodable_with_the_reason(text: str | bytes, why: str) -> None:
    with pytest.raises(Undecodable) as caught:
        read(CountWords, text)
    assert why in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("size", ["0", "-1", "7", "9", '"1"', "1.5"])
def test_a_check_of_the_author_decides_too(size: str) -> None:
    with pytest.raises(Undecodable):
        read(Checked, f'{{"size":{size}}}')


def test_a_check_without_words_is_named() -> None:
    with pytest.raises(Undecodable, match="queue 'q': AssertionError"):
        read(Checked, '{"size":-1}')
    with pytest.raises(Undecodable, match="queue 'q': KeyError: 7"):
        read(Checked, '{"size":7}')
    with pytest.raises(Undecodable, match="queue 'q': TooLargeError: nine"):
        read(Checked, '{"size":9}')


@pytest.mark.parametrize(
    "price", ['"NaN"', '"1E+500"', '"Infinity"', "1e400", '"' + "1" * 39 + '"']
)
def test_what_could_not_be_sent_is_not_read(price: str) -> None:
    with pytest.raises(Undecodable):
        read(Order, f'{{"id":"a","price":{price}}}')


# -- types that changed since


def sent_as(kind: str, body: str) -> str:
    return (
        f'{{"skylift":1,"id":"{ID}","type":"{kind}","sent_at":"2061-07-28T12:00:00.000000Z",'
        f'"trace":"{TRACE}","body":{body}}}'
    )


def test_a_type_that_grew_or_shrank_reads_what_was_sent() -> None:
    older, newer = '{"id":"a"}', '{"id":"a","lines":["1"],"gone":[{"deep":1}]}'
    assert read(Order, sent_as("Order", older)) == Order("a")
    assert read(Order, sent_as("Order", newer)) == Order("a", ["1"])


def test_a_type_that_was_renamed_reads_what_says_the_same() -> None:
    assert read(CountWords, sent_as("CountLetters", '{"note_id":"\\ufffe é"}')) == (
        CountWords("\ufffe é")
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"note_id":"n1","more":1}', "it cannot be read as CountWords (it was sent as Mail)"),
        ('{"to":"ann"}', "missing required field `note_id` (it was sent as Mail)"),
        ('{"note_id":1}', "Expected `str`, got `int` - at `$.note_id` (it was sent as Mail)"),
    ],
)
def test_a_message_of_another_type_is_not_half_read(body: str, why: str) -> None:
    with pytest.raises(Undecodable) as caught:
        read(CountWords, sent_as("Mail", body))
    assert why in str(caught.value)


def test_a_message_of_this_type_that_fits_no_more_says_where() -> None:
    with pytest.raises(Undecodable, match=r"Expected `str`, got `int` - at `\$\.note_id`$"):
        read(CountWords, sent_as("CountWords", '{"note_id":1}'))


# -- any message, and any bytes


@given(
    st.builds(
        holding,
        text=st.text(),
        whole=st.integers(-(10**37), 10**37),
        real=st.floats(allow_nan=False, allow_infinity=False, width=32),
        words=st.lists(st.text(), max_size=3),
        home=st.builds(City, st.text(min_size=1)),
        raw=st.binary(max_size=20),
        made_at=st.datetimes(timezones=st.just(UTC)),
        day=st.dates(),
        ident=st.uuids(),
    )
)
@trials(300)
def test_what_was_sent_is_what_is_read(message: Holding) -> None:
    text = enveloped(message)
    assert all(is_taken(letter) for letter in text)
    assert read(Holding, text) == message
    assert read(Holding, text.encode()) == message


def is_taken(letter: str) -> bool:
    """By SQS."""
    return letter in "\t\n\r" or " " <= letter <= "\ufffd" or letter >= "\U00010000"


@pytest.mark.parametrize("kind", [CountWords, Order, Holding, Model, Checked])
def test_garbage_is_undecodable_or_a_message(kind: type[Any]) -> None:
    codec = MessageCodec(kind, "queue 'q'")
    seeds = [
        enveloped(one).encode()
        for one in (CountWords("n1"), Model(id="m"), Checked(2), holding(), Order("a", ["b"]))
    ]
    seeds += [opened(seed).body for seed in seeds]
    outcomes = {"message": 0, "undecodable": 0}
    for raw in damaged(seeds, INPUTS // 5):
        try:
            message = codec.decode(opened(raw))
        except Undecodable:
            outcomes["undecodable"] += 1
            continue
        except BaseException as error:
            raise AssertionError(raw) from error
        assert isinstance(message, kind)
        outcomes["message"] += 1
    assert min(outcomes.values()) > 100, outcomes


def test_what_one_type_sent_may_be_read_by_another_only_whole() -> None:
    message = Opened(b'{"id":"a","size":1}', "", "Thing")
    assert MessageCodec(Model, "q").decode(message) == Model(id="a", size=1)
    with pytest.raises(Undecodable):
        MessageCodec(Order, "q").decode(message)


class Nothing(Struct):
    pass


class Noted(Struct):
    """What was CountWords once."""

    note_id: str


MARKED = (
    '{"note_id":"n1","skylift":{"version":1,"id":"' + ID + '","type":"CountWords",'
    '"sent_at":"2061-07-28T12:00:00.000000Z","trace":"' + TRACE + '"}}'
)


def test_a_marked_message_has_its_own_fields_at_the_top() -> None:
    codec = MessageCodec(CountWords, "topic 'words'")
    assert codec.marked(codec.content(CountWords("n1")), ID, SENT_AT, TRACE) == MARKED
    found = opened(MARKED)
    assert (found.id, found.type, found.trace) == (ID, "CountWords", TRACE)
    assert codec.decode(found) == CountWords("n1")
    assert unmarked(found.body) == b'{"note_id":"n1"}'


def test_a_marked_message_without_fields_is_read() -> None:
    codec = MessageCodec(Nothing, "topic 'nothing'")
    text = codec.marked(codec.content(Nothing()), ID, SENT_AT, TRACE)
    assert codec.decode(opened(text)) == Nothing()
    assert unmarked(text.encode()) == b"{}"


def test_a_marked_message_may_be_read_as_another_type_that_says_the_same() -> None:
    assert MessageCodec(Noted, "topic 'words'").decode(opened(MARKED)) == Noted("n1")
    with pytest.raises(Undecodable, match="it was sent as CountWords"):
        MessageCodec(Nothing, "topic 'words'").decode(opened(MARKED))


@pytest.mark.parametrize(
    "sign",
    ['{"version":2,"id":"a","type":"b","trace":"c","sent_at":"d"}', '{"version":1,"id":"a"}', "{}"],
)
def test_a_mark_that_is_none_of_ours_makes_a_message_undecodable(sign: str) -> None:
    with pytest.raises(Undecodable):
        opened('{"note_id":"n1","skylift":' + sign + "}")
