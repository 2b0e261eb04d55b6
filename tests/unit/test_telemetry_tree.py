"""A trace as people see it: the tree with its times, in 100 columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from skylift.cli.recorded import took, visible
from skylift.cli.tree import WIDTH, drawn
from skylift.engine.told import Place
from skylift.telemetry.record import Failure, Log, Span
from skylift.telemetry.tree import Trace, traces_of

PICTURE = Path(__file__).with_name("trace.txt")
NOON = 2_889_864_000.0
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HERE = Place(str(Path("shop/orders.py").absolute()), 42, "charge")
BUG = Failure("RuntimeError", "the card of one was refused", 500, HERE)


def span(name: str, source: str, at: float, took_s: float, **more: object) -> Span:
    """`at` in seconds after noon; the span's id is made of its name."""
    id = name.encode().hex().ljust(16, "0")[:16]
    started, cause = NOON + at, "http" if " " in source else "queue"
    return Span(f"orders.{name}", cause, source, started, took_s, TRACE, id, **more)  # type: ignore


def sent_by(name: str) -> str:
    return name.encode().hex().ljust(16, "0")[:16]


PLACED = span(
    "place", "POST /orders", 0, 0.0032, sent=(("charging", "c1"), ("auditing", "a1ffffffff"))
)
FAILED = span(
    *("charge", "charging", 0.0044, 0.0011),
    parent=sent_by("place"), delivery_id="c1", attempts_max=3, error=BUG,
    waited_s=0.0012, is_cold=True,
)  # fmt: skip
CHARGED = span(
    *("charge2", "charging", 0.517, 0.002),
    parent=sent_by("place"), delivery_id="c1", attempt=3, attempts_max=3, waited_s=0.515,
    sent=(("mailing", "m1"),),
)  # fmt: skip
MAILED = span(
    *("mail", "mailing", 0.5206, 0.00009),
    parent=sent_by("charge2"), delivery_id="m1", attempts_max=5, waited_s=0.0006,
)  # fmt: skip
LOGGED = Log(
    *(
        NOON + 0.001,
        "INFO",
        "shop.orders",
        "an order came",
        "orders.place",
        TRACE,
        sent_by("place"),
    ),
    extra='{"order_id":"one","note":"with care"}',
)
REPORTED = Log(
    *(NOON + 0.0054, "ERROR", "skylift", str(BUG), "orders.charge", TRACE, sent_by("charge")),
    exception=f"{BUG}\n  File …",
)


def one_trace(*spans: Span, logs: tuple[Log, ...] = ()) -> Trace:
    (trace,) = traces_of(spans, logs)
    return trace


def picture(trace: Trace) -> str:
    lines = list(drawn(trace))
    assert max(map(len, lines)) <= WIDTH
    assert all(line == line.rstrip() for line in lines)
    return "\n".join(lines)


def test_the_tree_of_a_trace() -> None:
    trace = one_trace(MAILED, CHARGED, PLACED, FAILED, logs=(REPORTED, LOGGED))
    assert picture(trace) == PICTURE.read_text("utf-8").rstrip()


def test_what_is_to_come_after_a_failure_is_told() -> None:
    assert "attempt 2 of 3 is still to come" in picture(one_trace(PLACED, FAILED))
    last = span("charge", "charging", 1, 1, delivery_id="c1", attempt=3, attempts_max=3, error=BUG)
    assert "now a dead letter of orders.charge" in picture(one_trace(last))


def test_a_clients_mistake_is_told_with_its_status() -> None:
    missing = Failure("NotFound", "orders: there is no 'x'", 404, HERE)
    shown = picture(one_trace(span("read", "GET /orders/{id}", 0, 0.1, error=missing)))
    assert "404 NotFound: orders: there is no 'x'\n" in shown
    assert "failed" not in shown


def test_long_texts_are_wrapped_and_nothing_obeys_them() -> None:
    nasty = Failure("ValueError", "\x1b[2Jgone " + "word " * 60, 500, HERE)
    shown = picture(one_trace(span("read", "GET /x", 0, 0.1, error=nasty)))
    assert "\x1b" not in shown
    assert "\\x1b[2Jgone" in shown
    assert shown.count("word") == 60


def test_a_trace_whose_beginning_is_gone_is_drawn_from_what_is_left() -> None:
    trace = one_trace(MAILED, FAILED, logs=(LOGGED,))
    assert [root.span.function for root in trace.roots] == ["orders.charge", "orders.mail"]
    assert "an order came" in picture(trace)  # its span is no longer kept


def test_a_function_that_sends_to_itself_for_long_is_drawn() -> None:
    chain = [
        span(
            *(f"{number:08}", "looping", number, 0.5),
            parent=sent_by(f"{number - 1:08}"), delivery_id=f"d{number}", attempts_max=5,
        )
        for number in range(3_000)
    ]  # fmt: skip
    trace = one_trace(*chain)
    assert len(trace.branches) == 3_000
    assert picture(trace).count("looping") == 3_000


def test_a_message_sent_again_from_the_dead_letters_starts_over() -> None:
    again = span("again", "charging", 9, 1, delivery_id="c1", attempt=1, attempts_max=3)
    trace = one_trace(FAILED, again)
    first, second = (root for root in trace.roots)
    assert (first.is_retried, second.lost) == (True, 0)
    assert second.waited_s == pytest.approx(9 - 0.0055)


def published(name: str, cause: str, source: str, at: float, **more: object) -> Span:
    """To whoever gets it: all know it by one id."""
    return replace(span(name, source, at, 0.001, delivery_id="p1", **more), cause=cause)


def test_each_who_gets_what_was_published_has_attempts_of_its_own() -> None:
    reader = published("read", "topic", "posters", 1, attempts_max=3, waited_s=0.5)
    failed = published("fail", "topic", "posters", 2, attempts_max=3, error=BUG, waited_s=1.5)
    again = published("fail", "topic", "posters", 62, attempt=2, attempts_max=3, error=BUG)
    again = replace(again, span="f" * 16)
    printer = published("print", "queue", "printing", 3, attempts_max=5, waited_s=2.5)
    trace = one_trace(reader, failed, again, printer)
    waited = [one.waited_s for one in trace.roots]
    assert waited == [0.5, 1.5, 2.5, pytest.approx(59.999)]
    assert [one.is_retried for one in trace.roots] == [False, True, False, False]
    assert [one.lost for one in trace.roots] == [0, 0, 0, 0]
    assert picture(trace).count("attempt 3 of 3 is still to come") == 1


def test_a_dead_letter_is_told_below_the_function_that_failed() -> None:
    reader = published("read", "topic", "posters", 2, attempts_max=3)
    failed = published("fail", "topic", "posters", 1, attempt=3, attempts_max=3, error=BUG)
    dead = published("bury", "dead", "orders.fail.dead", 4, attempts_max=5, waited_s=0.1)
    line = Log(
        *(NOON + 3, "WARNING", "skylift", "message p1 is a dead letter", "orders.fail", TRACE, ""),
        buried="p1",
    )
    first, second, last = one_trace(reader, failed, dead, logs=(line,)).roots
    assert (first.span.function, [log.text for log in first.logs]) == ("orders.fail", [line.text])
    assert (second.logs, last.logs) == ([], [])
    assert last.waited_s == pytest.approx(4 - 1.001)


def test_times_have_the_digits_that_matter() -> None:
    shown = {
        *(took(seconds) for seconds in (0, 0.0000853, 0.00099951, 0.01234, 0.0999, 0.34, 0.9996)),
        *(took(seconds) for seconds in (4.5, 59.996, 200, 7_260)),
    }
    assert shown == {
        *("0 µs", "85 µs", "1.0 ms", "12.3 ms", "99.9 ms", "340 ms", "1.00 s"),
        *("4.50 s", "1 min 0 s", "3 min 20 s", "2 h 1 min"),
    }


def test_what_a_terminal_would_obey_is_shown() -> None:
    assert visible("a\tb\x1b[31mé\u202e\nnext") == "a   b\\x1b[31mé\\u202e\nnext"


OTHER = "b" * 32
MARKED = span(
    *("count", "counting", 1, 0.002),
    delivery_id="c1", attempt=2, attempts_max=2,
    others=(("c2", OTHER, ""),), marked=(("c2", "too many"),),
)  # fmt: skip


def test_what_a_batch_marks_is_a_failure_in_the_trace_of_that_message_only() -> None:
    assert MARKED.failed_traces == (OTHER,)
    good, bad = sorted(traces_of([MARKED]), key=lambda one: one.id)
    assert (good.id, good.failures) == (TRACE, 0)
    assert (bad.id, bad.failures) == (OTHER, 1)
    assert "✗" not in picture(good)
    assert "✗ message c2: too many" in picture(bad)


def test_a_message_nobody_ran_is_told_of_below_its_sender() -> None:
    told = "message a1ffffffff is a dead letter, undecodable: it is no JSON"
    sender = sent_by("place")
    line = Log(
        *(NOON + 1, "WARNING", "skylift", told, "orders.audit", TRACE, sender), buried="a1ffffffff"
    )
    (trace,) = traces_of([PLACED], [line])
    assert "WARNING  orders.audit  message a1ffffffff is a dead letter" in picture(trace)
    assert trace.roots[0].unhandled == [("charging", "c1")]
