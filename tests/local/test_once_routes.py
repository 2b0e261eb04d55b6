"""Requests with an Idempotency-Key: carried out once, whatever repeats them."""

from __future__ import annotations

import asyncio

import pytest

from skylift import Conflict, Invalid
from skylift.errors import Unavailable
from skylift.local.direct import called

from . import payments
from .answering import Answered, Asked, graph_of
from .paying import Paying, headers, keyed, playing
from .payments import runs

BODY = {"account": "ann", "amount": 3}
DAY_S = 24 * 3600
REPLAYED = ("idempotency-replayed", "true")


def replayed(first: Answered, second: Answered) -> bool:
    """The same answer, and it says that it is one of before."""
    return second == first._replace(headers=[*first.headers, REPLAYED])


def test_a_repeat_gets_the_stored_answer_and_does_not_run() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        first = await ask("POST", "/pay/ann", BODY)
        assert (first.status, first.json) == (201, {"id": "ann", "paid": 3})
        for _ in range(3):
            assert replayed(first, await ask("POST", "/pay/ann", BODY))
        assert runs.begun == ["pay"]

    playing(test)


def test_whatever_a_handler_returns_is_stored() -> None:
    """A status, a header, a cookie; even a 503 that it says itself."""

    async def test(world: Paying) -> None:
        for status in (200, 409, 503):
            ask = keyed(world, f"k{status}")
            first = await ask("PATCH", f"/said/{status}")
            assert first.status == status
            assert ("x-run", "1") in first.headers
            assert ("set-cookie", "seen=1") in first.headers
            assert replayed(first, await ask("PATCH", f"/said/{status}"))
        assert len(runs.begun) == 3

    playing(test)


def test_without_a_key_every_request_runs() -> None:
    async def test(world: Paying) -> None:
        for paid in (1, 2):
            assert (await world.ask.post("/pay/ann", BODY)).status == 201
            assert (await world.ask("PUT", "/sure/bob")).json == {"id": "bob", "paid": paid}
        assert runs.begun == ["pay", "sure", "answer"] * 2

    playing(test)


def test_another_request_with_the_same_key_is_a_422() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        runs.holds.add("pay")
        first = asyncio.ensure_future(ask("POST", "/pay/ann", BODY))
        await world.rest()
        assert (await ask("POST", "/pay/ann", BODY | {"amount": 4})).status == 422
        runs.let("pay")
        await first
        for target, body in (
            ("/pay/ann", BODY | {"amount": 4}),
            ("/pay/bob", BODY),
            ("/pay/ann?limit=1", BODY),
        ):
            other = await ask("POST", target, body)
            assert other.status == 422
            assert "another request" in other.json["detail"]
        assert (await ask("POST", "/pay/ann", BODY)).status == 201
        assert runs.begun == ["pay"]

    playing(test)


def test_each_route_has_keys_of_its_own() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        assert (await ask("POST", "/pay/ann", BODY)).status == 201
        assert (await ask("PUT", "/sure/ann")).status == 200

    playing(test)


def test_a_repeat_during_the_run_is_told_to_wait() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        runs.holds.add("pay")
        first = asyncio.ensure_future(ask("POST", "/pay/ann", BODY))
        await world.rest()
        early = await ask("POST", "/pay/ann", BODY)
        assert early.status == 409
        assert int(headers(early)["retry-after"]) >= 1
        assert headers(early)["content-type"] == "application/problem+json"
        assert not first.done()
        runs.let("pay")
        assert replayed(await first, await ask("POST", "/pay/ann", BODY))
        assert runs.begun == ["pay"]

    playing(test)


def test_of_many_at_once_one_runs() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        runs.holds.add("pay")
        asked = [asyncio.ensure_future(ask("POST", "/pay/ann", BODY)) for _ in range(20)]
        await world.rest()
        runs.let("pay")
        answers = await asyncio.gather(*asked)
        assert sorted(one.status for one in answers) == [201] + [409] * 19
        assert runs.begun == ["pay"]

    playing(test)


@pytest.mark.parametrize(
    ("error", "status"), [(Conflict("full"), 409), (Invalid("no"), 422), (KeyError("k"), 500)]
)
def test_a_run_that_raised_runs_again(error: Exception, status: int) -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        runs.fails.append(("pay", error))
        assert (await ask("POST", "/pay/ann", BODY)).status == status
        assert (await ask("POST", "/pay/ann", BODY)).status == 201
        assert runs.begun == ["pay", "pay"]

    playing(test)


def test_after_a_run_that_raised_the_key_may_carry_another_request() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        assert (await ask("POST", "/pay/ann", BODY | {"amount": -1})).status == 409
        assert (await ask("POST", "/pay/ann", BODY)).status == 201

    playing(test)


def test_a_request_that_is_wrong_leaves_no_record() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        assert (await ask("POST", "/pay/ann", b"{")).status == 400
        assert (await ask("POST", "/pay/ann", {"amount": "x"})).status == 422
        assert (await ask("POST", "/pay/ann", BODY)).status == 201
        assert runs.begun == ["pay"]

    playing(test)


@pytest.mark.parametrize("key", ["", "a b", "ä", "k" * 256, "a\x7f", "one, two"])
def test_a_key_that_is_none_is_a_400(key: str) -> None:
    async def test(world: Paying) -> None:
        refused = await keyed(world, key)("POST", "/pay/ann", BODY)
        assert (refused.status, runs.begun) == (400, [])
        assert "1 to 255 visible ASCII" in refused.json["detail"]

    playing(test)


@pytest.mark.parametrize("key", ["!", "~" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
def test_a_key_is_visible_ascii(key: str) -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, key)
        assert replayed(await ask("POST", "/pay/ann", BODY), await ask("POST", "/pay/ann", BODY))

    playing(test)


def test_a_record_lasts_a_day() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        await ask("POST", "/pay/ann", BODY)
        await world.advance(DAY_S - 1)
        assert REPLAYED in (await ask("POST", "/pay/ann", BODY)).headers
        await world.advance(1)
        assert REPLAYED not in (await ask("POST", "/pay/ann", BODY)).headers
        assert runs.begun == ["pay", "pay"]

    playing(test)


def test_records_of_yesterday_are_swept() -> None:
    async def test(world: Paying) -> None:
        def rows() -> int:
            return world.backend.database.execute("SELECT count(*) FROM once").get

        for number in range(5):
            await keyed(world, f"k{number}")("POST", "/pay/ann", BODY)
        await world.advance(DAY_S)
        for number in range(3):
            await keyed(world, f"k{number}")("POST", "/pay/ann", BODY)
        assert rows() == 5
        await world.backend.sweeper.sweep()
        assert rows() == 3

    playing(test)


def test_an_answer_too_large_to_store_is_refused_and_not_made_again() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        assert (await keyed(world, "fits")("POST", "/large/349000")).status == 200
        refused = await ask("POST", "/large/350000")
        assert refused.status == 422
        assert "at most 350,000" in refused.json["detail"]
        (told,) = world.failures.told
        assert isinstance(told, Invalid)
        assert replayed(refused, await ask("POST", "/large/350000"))
        assert runs.begun == ["large", "large"]
        assert (await world.ask.post("/large/350000")).status == 200, "without a key it is sent"

    playing(test)


def test_a_run_past_its_deadline_runs_again() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        runs.holds.add("slow")
        first = asyncio.ensure_future(ask("POST", "/slow"))
        await world.rest()
        await world.advance(1)
        assert (await first).status == 503
        runs.holds.clear()
        assert (await ask("POST", "/slow")).json == "done"
        assert runs.begun == ["slow", "slow"]

    playing(test)


def test_a_plain_def_runs_once_too() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        assert replayed(await ask("POST", "/thread"), await ask("POST", "/thread"))
        assert runs.begun == ["thread"]

    playing(test)


def test_a_ledger_that_cannot_be_written_is_told() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        world.backend.database.execute("ALTER TABLE once RENAME TO gone")
        assert (await ask("POST", "/pay/ann", BODY)).status == 503
        assert runs.begun == []
        assert any(isinstance(error, Unavailable) for error in world.failures.told)
        world.backend.database.execute("ALTER TABLE gone RENAME TO once")
        assert (await ask("POST", "/pay/ann", BODY)).status == 201

    playing(test)


# -- transaction(once=True)


def test_a_transaction_finishes_the_run_and_the_answer_follows() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        first = await ask("PUT", "/sure/ann")
        assert first.json == {"id": "ann", "paid": 1}
        assert replayed(first, await ask("PUT", "/sure/ann"))
        assert await world.counts("receipts") == (1, 0, 0, 0)
        assert runs.begun == ["sure", "answer"]

    playing(test)


def test_a_repeat_between_the_transaction_and_the_answer_is_told_to_wait() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        runs.holds.add("answer")
        first = asyncio.ensure_future(ask("PUT", "/sure/ann"))
        await world.rest()
        assert await world.paid() == 1
        early = await ask("PUT", "/sure/ann")
        assert (early.status, "retry-after" in headers(early)) == (409, True)
        runs.let("answer")
        assert replayed(await first, await ask("PUT", "/sure/ann"))
        assert await world.paid() == 1

    playing(test)


def test_what_fails_after_its_transaction_is_not_tried_again() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        runs.fails_late.append(("sure", Conflict("too late")))
        assert (await ask("PUT", "/sure/ann")).json["detail"] == "too late"
        again = await ask("PUT", "/sure/ann")
        assert (again.status, again.json["detail"]) == (
            409,
            "this request was carried out, and its answer was lost",
        )
        assert "retry-after" not in headers(again)
        assert await world.paid() == 1

    playing(test)


def test_a_transaction_that_fails_leaves_the_run_to_the_next() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        for _ in range(2):
            assert (await ask("DELETE", "/refused/ann")).status in (404, 409)
        assert runs.begun == ["refuse", "refuse"]

    playing(test)


def test_a_function_that_does_not_run_once_has_nothing_to_finish() -> None:
    async def test(world: Paying) -> None:
        assert (await world.ask.post("/careless?account=ann")).status == 500
        (error,) = world.failures.told
        assert isinstance(error, RuntimeError)
        assert "does not run once" in str(error)
        assert "once=True" in str(error)
        assert await world.paid() == 0

    playing(test)


def test_a_run_ends_with_one_such_transaction() -> None:
    async def test(world: Paying) -> None:
        ask = keyed(world, "k")
        assert (await ask("POST", "/twice/ann")).status == 500
        (error,) = world.failures.told
        assert "a second transaction(once=True)" in str(error)
        assert (await world.paid("ann"), await world.paid("ann again")) == (1, 0)
        assert "its answer was lost" in (await ask("POST", "/twice/ann")).json["detail"]

    playing(test)


# -- around it


def test_a_reload_forgets_nobody_who_runs() -> None:
    async def test(world: Paying) -> None:
        runs.holds.add("pay")
        first = asyncio.ensure_future(keyed(world, "k")("POST", "/pay/ann", BODY))
        await world.rest()
        (answer,) = world.backend.engines(graph_of(payments)).values()
        again = Asked(answer, world.failures)
        assert (await again.post("/pay/ann", BODY, idempotency_key="k")).status == 409
        runs.let("pay")
        assert replayed(await first, await again.post("/pay/ann", BODY, idempotency_key="k"))

    playing(test)


@pytest.mark.parametrize("function", ["pay_surely", "take_surely"])
def test_a_call_by_hand_keeps_no_record(function: str) -> None:
    """Every one of them runs, and its transaction is like any other."""

    async def test(world: Paying) -> None:
        graph = graph_of(payments)
        (node,) = [one for one in graph.functions if one.name.endswith(f".{function}")]
        event = b'{"request_id": "a", "account": "ann"}'
        if function == "pay_surely":
            event = b'{"path": {"account": "ann"}}'
        for paid in (1, 2):
            call = await called(node, world.backend.ports(graph), event)
            assert call.failure is None
            assert await world.paid() == paid
        assert world.backend.database.execute("SELECT count(*) FROM once").get == 0

    playing(test)
