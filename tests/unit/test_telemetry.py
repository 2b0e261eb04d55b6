"""What is recorded of an app: its invocations as spans, in trees, with their logs and failures."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from skylift.telemetry.memory import MemoryTelemetry
from tests.unit.recorded import Shop, SteadyClock, shopping

ORDER = {"id": "one", "card": "good"}
CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_an_invocation_is_a_span() -> None:
    async def test(shop: Shop) -> None:
        assert (await shop.ask("GET", "/orders/nobody")).status == 404
        (span,) = shop.telemetry.spans
        assert (span.function, span.cause, span.source) == (
            "orders.read",
            "http",
            "GET /orders/{id}",
        )
        assert span.started >= SteadyClock().time()
        assert 0 < span.duration_s < 1
        assert span.is_cold
        await shop.ask("GET", "/orders/nobody")
        assert [one.is_cold for one in shop.telemetry.spans] == [True, False]

    shopping(test)


def test_every_span_has_ids_of_its_own_which_stay_the_same() -> None:
    async def test(shop: Shop) -> None:
        for _ in range(3):
            await shop.ask("GET", "/orders/nobody")
        traces = [one.trace for one in shop.telemetry.spans]
        assert {len(one) for one in traces} == {32}
        await shop.ask("GET", "/orders/nobody")
        assert [one.trace for one in shop.telemetry.spans][:3] == traces
        assert len({one.trace for one in shop.telemetry.spans}) == 4
        assert {len(one.span) for one in shop.telemetry.spans} == {16}

    shopping(test)


def test_a_trace_runs_from_the_request_through_every_queue() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("POST", "/orders", ORDER)
        await shop.spans("orders.mail")
        (trace,) = shop.telemetry.traces
        (root,) = trace.roots
        (charged,) = root.children
        (mailed,) = charged.children
        assert root.span.source == "POST /orders"
        assert (charged.span.source, charged.span.function) == ("charging", "orders.charge")
        assert (mailed.span.source, mailed.span.function) == ("mailing", "orders.mail")
        assert root.span.sent == (("charging", charged.span.delivery_id),)
        assert (charged.span.attempt, charged.span.attempts_max) == (1, 3)
        assert charged.waited_s is not None
        assert charged.waited_s > 0
        assert not root.unhandled
        assert trace.started == root.span.started
        assert trace.duration_s > mailed.span.duration_s

    shopping(test)


def test_each_attempt_is_a_span_beside_the_one_before() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("POST", "/orders", {"id": "one", "card": "shaky"})
        await shop.spans("orders.charge", 2)
        (trace,) = shop.telemetry.traces
        first, second = trace.roots[0].children
        assert (first.span.attempt, second.span.attempt) == (1, 2)
        assert first.span.delivery_id == second.span.delivery_id
        assert first.span.has_failed
        assert first.is_retried
        assert not second.span.has_failed
        assert second.waited_s is not None
        assert second.waited_s < second.span.waited_s
        assert trace.failures == 1

    shopping(test)


def test_a_message_nobody_has_handled_yet_is_known() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("POST", "/counts", [])
        (trace,) = shop.telemetry.traces
        ((queue, id),) = trace.roots[0].unhandled
        assert queue == "later"
        assert len(id) == 32

    shopping(test)


def test_of_many_messages_sent_the_first_are_noted_and_all_are_found() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("POST", "/counts", [{"by": 1}] * 250)
        handled = sum(len(one.delivery_ids) for one in await shop.spans("orders.count", 25))
        assert handled == 250
        (trace,) = shop.telemetry.traces
        (root,) = trace.roots
        assert len(root.span.sent) == 100
        assert root.unhandled == []
        assert len(root.children) == 25

    shopping(test)


def test_a_batch_is_a_part_of_every_trace_it_comes_from() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("POST", "/counts", [{"by": 1}, {"by": 2}])
        (span,) = await shop.spans("orders.count")
        (trace,) = shop.telemetry.traces
        assert len(span.delivery_ids) == 2
        assert [queue for queue, _ in trace.roots[0].unhandled] == ["later"]
        assert trace.roots[0].children[0].span.function == "orders.count"

    shopping(test)


def test_a_trace_goes_on_with_the_callers() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("GET", "/orders/one", traceparent=CALLER)
        await shop.ask("POST", "/orders", ORDER, traceparent=CALLER)
        await shop.spans("orders.mail")
        (trace,) = shop.telemetry.traces
        assert trace.id == CALLER[3:35]
        assert len(trace.spans) == 4
        assert {root.span.parent for root in trace.roots} == {CALLER[36:52]}

    shopping(test)


@pytest.mark.parametrize("said", ["", "nonsense", CALLER.upper(), CALLER[:-1], f"{CALLER}-more"])
def test_what_is_no_traceparent_starts_a_trace_anew(said: str) -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("GET", "/orders/one", traceparent=said)
        (span,) = shop.telemetry.spans
        assert len(span.trace) == 32
        assert span.trace != CALLER[3:35]
        assert span.parent == ""

    shopping(test)


# -- failures


def test_a_failure_names_the_authors_line() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("GET", "/broken")
        (span,) = shop.telemetry.spans
        assert span.has_failed
        assert str(span.error) == "ValueError: this is a bug"
        assert span.error.place.file.endswith("shop/orders.py")
        assert span.error.place.function == "broken"
        (log,) = shop.telemetry.logs
        assert (log.level, log.text, log.function) == (
            *("ERROR", "ValueError: this is a bug", "orders.broken"),
        )
        assert 'raise ValueError("this is a bug")' in log.exception
        assert "because of LookupError: there is no such step" in log.exception
        assert "skylift/engine" not in log.exception
        assert (log.trace, log.span) == (span.trace, span.span)

    shopping(test)


def test_a_clients_mistake_is_no_failure() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("GET", "/refused")
        await shop.ask("GET", "/orders/nobody")
        refused, missing = shop.telemetry.spans
        assert (refused.error.type, refused.error.status) == ("Conflict", 409)
        assert refused.error.place.function == "refused"
        assert missing.error.place.function == "read"  # where the author asked, not in our code
        assert not refused.has_failed
        assert not shop.telemetry.logs

    shopping(test)


# -- the standard library's logging


def test_what_is_logged_belongs_to_the_span_in_which_it_was() -> None:
    async def test(shop: Shop) -> None:
        await shop.ask("POST", "/orders", ORDER)
        (mailed,) = await shop.spans("orders.mail")
        came, told = shop.telemetry.logs
        assert (came.level, came.logger, came.text) == ("INFO", "shop.orders", "an order came")
        assert came.fields == {"order_id": "one", "cards": ["good"]}
        assert (told.level, told.function) == ("WARNING", "orders.mail")  # logged in a thread
        assert told.text == "there is no mail server: one is not told"
        assert (told.trace, told.span) == (mailed.trace, mailed.span)
        logs = [log for branch in shop.telemetry.traces[0].branches for log in branch.logs]
        assert logs == [came, told]

    shopping(test)


def logged(call: Any) -> Any:
    """The record of what is logged outside of any invocation."""
    telemetry = MemoryTelemetry(SteadyClock())
    telemetry.tap_logging()
    try:
        call(logging.getLogger("shop"))
    finally:
        telemetry.close()
    (log,) = telemetry.logs
    return log


def test_a_logged_exception_keeps_its_frames() -> None:
    def call(log: logging.Logger) -> None:
        try:
            int("no number")
        except ValueError:
            log.exception("that was none")

    found = logged(call)
    assert (found.level, found.text) == ("ERROR", "that was none")
    assert 'int("no number")' in found.exception


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("even this fails")

    __repr__ = __str__


SHOWN = {
    "a set": ({1}, [1]),
    "a number JSON does not know": (float("inf"), None),
    "what cannot be shown": (Mute(), "<Mute>"),
    "half a letter": ("\ud800", "\\ud800"),
    "itself": ([logging], [str(logging)]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_field_is_kept_whatever_it_is(name: str) -> None:
    given, kept = SHOWN[name]
    found = logged(lambda log: log.info("look", extra={"given": given}))
    assert found.fields == {"given": kept}


def test_fields_have_a_limit() -> None:
    found = logged(lambda log: log.info("look", extra={"long": "x" * 100_000, "short": "y"}))
    assert found.fields["short"] == "y"
    assert 1_000 < len(found.fields["long"]) < 10_000


def test_a_text_has_a_limit_and_says_so() -> None:
    found = logged(lambda log: log.info("x" * 100_000))
    assert len(found.text) < 20_000
    assert found.text.endswith("… (100,000 letters in all)")


def test_a_format_that_does_not_fit_costs_the_text_and_not_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)  # it would tell the terminal too
    found = logged(lambda log: log.info("%d apples", "many"))
    assert found.text.startswith("(cannot be shown) ")
    assert "test_telemetry.py" in found.text


def test_info_is_logged_where_nobody_has_configured_logging_and_only_so_long() -> None:
    root = logging.getLogger()
    assert root.level == logging.WARNING
    telemetries = [MemoryTelemetry(SteadyClock()) for _ in range(2)]
    for one in telemetries:
        one.tap_logging()
    assert root.level == logging.INFO
    telemetries[0].close()
    assert root.level == logging.INFO  # the other still listens
    telemetries[1].close()
    assert root.level == logging.WARNING


def test_a_level_the_author_has_set_stays() -> None:
    root = logging.getLogger()
    root.setLevel(logging.ERROR)
    try:
        telemetry = MemoryTelemetry(SteadyClock())
        telemetry.tap_logging()
        logging.getLogger("shop").warning("not heard")
        telemetry.close()
        assert (telemetry.logs, root.level) == ([], logging.ERROR)
    finally:
        root.setLevel(logging.WARNING)


def test_of_two_apps_in_a_process_each_has_its_own_logs() -> None:
    other = MemoryTelemetry(SteadyClock())
    other.tap_logging()

    async def test(shop: Shop) -> None:
        await shop.ask("POST", "/counts", [])
        logging.getLogger("both").info("outside of any invocation")
        assert [log.text for log in shop.telemetry.logs] == ["outside of any invocation"]
        await shop.ask("POST", "/orders", ORDER)
        assert "an order came" in [log.text for log in shop.telemetry.logs]

    try:
        shopping(test)
    finally:
        other.close()
    assert [log.text for log in other.logs] == ["outside of any invocation"]


def test_a_warning_is_a_line_too() -> None:
    telemetry = MemoryTelemetry(SteadyClock())
    telemetry.recorder.warned("orders.mail", "it blocks the loop")
    (log,) = telemetry.logs
    assert (log.level, log.function, log.text) == ("WARNING", "orders.mail", "it blocks the loop")
