"""`world.settle()`: until nothing is under way, however long that would take in the real world."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from skylift import App
from skylift.testing import Unsettled, running
from tests.testing import jobs
from tests.testing.jobs import Job, Payment, seen

app = App("jobs", jobs)


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


async def test_what_was_sent_is_handled_at_the_same_time_of_the_clock() -> None:
    async with running(app) as world:
        for name in "abc":
            await jobs.working.send(Job(name))
        assert len(seen) < 3
        await world.settle()
        assert seen == [(name, 1, world.clock.now()) for name in "abc"]


async def test_awaiting_what_one_has_cancelled_is_a_failure_like_any_other() -> None:
    async with running(app) as world:
        await jobs.abandoning.send(Job("a"))
        await world.settle()
        (letter,) = await jobs.abandon.dead.peek()
        assert (letter.reason, letter.attempts) == ("failed", 2)
        assert letter.error.startswith("CancelledError (jobs.py:")
        assert (await world.http.post("/abandon")).status == 500
        told = [(one.function, one.text) for one in world.failures]
        assert told == [
            *[("jobs.abandon", "CancelledError")] * 2,
            ("jobs.abandon_here", "CancelledError"),
        ]


async def test_five_attempts_with_backoff_take_no_real_time() -> None:
    loop = asyncio.get_running_loop()
    async with running(app) as world:
        began, really = world.clock.now(), loop.time()
        await jobs.failing.send(Job("x", times=4))
        await world.settle()
        passed = [at - began for _, _, at in seen]
        assert [attempt for _, attempt, _ in seen] == [1, 2, 3, 4, 5]
        assert passed == sorted(passed)
        assert passed[0] == timedelta(0)
        assert timedelta(minutes=1) < passed[-1] < timedelta(minutes=1 + 2 + 4 + 5)
        assert len(world.failures) == 4
        assert await jobs.fail.dead.peek() == []
        assert loop.time() - really < 0.5


async def test_what_always_fails_ends_in_the_dead_letters() -> None:
    async with running(app) as world:
        await jobs.failing.send(Job("x", times=99))
        await world.settle()
        (letter,) = await jobs.fail.dead.peek()
        assert (letter.message, letter.reason, letter.attempts) == (Job("x", 99), "failed", 5)
        assert "TooManyRequests: attempt 5" in letter.error
        assert (await world.counts(jobs.failing)).dead == 1
        assert await jobs.fail.dead.redrive() == 1
        await world.settle()
        assert [attempt for _, attempt, _ in seen] == [1, 2, 3, 4, 5] * 2


async def test_the_consumer_of_dead_letters_is_given_them() -> None:
    async with running(app) as world:
        await jobs.dying.send(Job("x"))
        await world.settle()
        ((reason, error, attempts),) = seen
        assert (reason, attempts) == ("failed", 1)
        assert error.startswith("RuntimeError: x")
        assert (await world.counts(jobs.dying)).dead == 0


async def test_a_handler_that_waits_for_nothing_is_timed_out_and_comes_back_at_its_leases_end() -> (
    None
):
    loop = asyncio.get_running_loop()
    async with running(app) as world:
        began, really = world.clock.now(), loop.time()
        await jobs.sleeping.send(Job("x", times=1))
        await world.settle()
        assert [(attempt, at - began) for _, attempt, at in seen] == [
            (1, timedelta(0)),
            (2, timedelta(seconds=120)),  # six time-outs
        ]
        assert "did not finish within 20 s" in world.failures[0].text
        assert loop.time() - really < 0.5


async def test_a_time_out_on_the_last_attempt_is_a_lost_message() -> None:
    async with running(app) as world:
        await jobs.sleeping.send(Job("x", times=2))
        await world.settle()
        (letter,) = await jobs.oversleep.dead.peek()
        assert (letter.reason, letter.attempts) == ("lost", 2)


async def test_a_plain_def_is_waited_for_in_its_thread() -> None:
    async with running(app) as world:
        began = world.clock.now()
        await jobs.computing.send_many([Job("x", times=60), Job("y", times=60)])
        await world.settle()
        assert sorted(seen) == ["x", "y"]
        assert world.clock.now() == began


async def test_a_socket_is_waited_for_in_real_time() -> None:
    async with running(app) as world:
        began = world.clock.now()
        with answering(b"hello\n", after_s=0.08) as port:
            await jobs.listening.send(Job("x", times=port))
            await world.settle()
        assert seen == ["hello"]
        assert world.clock.now() == began


async def test_a_socket_is_waited_for_no_longer_than_was_said_and_the_handler_is_named() -> None:
    async with running(app, seed=3) as world:
        with answering(b"", after_s=0.3) as port:
            await jobs.listening.send(Job("x", times=port))
            with pytest.raises(Unsettled, match=r"no end within 0\.05 s.*\(seed 3\)") as caught:
                await world.settle(real_s=0.05)
        invocation, message = caught.value.lines
        assert invocation.startswith(
            "jobs.listen runs since 12:00:00, called by listening (message"
        )
        assert "attempt 1), and waits at " in invocation
        assert "jobs.py:" in invocation
        assert re.fullmatch(
            r"queue listening: message \d+-1 in flight, attempts 0, sent 12:00:00", message
        )


@contextmanager
def answering(line: bytes, after_s: float) -> Iterator[int]:
    """A server that says something to the first who comes, some time later."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            client, _ = server.accept()
            with client:
                threading.Event().wait(after_s)
                client.sendall(line)

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


async def test_messages_that_never_end_are_named() -> None:
    async with running(app) as world:
        await jobs.pinging.send(Job("x"))
        with pytest.raises(Unsettled, match="10,000 invocations, and no end") as caught:
            await world.settle()
        assert any("jobs.ping was called 5,00" in line for line in caught.value.lines)
        assert any(line.startswith("queue p") for line in caught.value.lines)


async def test_a_long_chain_of_messages_that_ends_settles() -> None:
    async with running(app) as world:
        await jobs.pinging.send(Job("x", times=500))
        await world.settle()
        assert (await world.counts(jobs.pinging)).ready == 0


async def test_a_duplicate_that_was_put_back_is_settled_too() -> None:
    async with running(app) as world:
        began = world.clock.now()
        await jobs.paying.send_many([Payment("r"), Payment("r")])
        await world.settle()
        assert seen == ["r"]
        counts = await world.counts(jobs.paying)
        assert (counts.ready, counts.in_flight, counts.delayed, counts.dead) == (0, 0, 0, 0)
        assert world.clock.now() - began > timedelta(seconds=10)  # the first run might have died


async def test_messages_nobody_takes_are_just_there() -> None:
    async with running(app) as world:
        await jobs.unread.send(Job("x"))
        await world.settle()
        assert (await world.counts(jobs.unread)).ready == 1


async def test_settling_never_passes_the_time_of_a_delayed_message() -> None:
    async with running(app) as world:
        began = world.clock.now()
        await jobs.working.send(Job("later"), delay_s=5)
        await world.settle()
        assert (seen, world.clock.now()) == ([], began)
        assert (await world.counts(jobs.working)).delayed == 1
        await jobs.failing.send(Job("x", times=99))
        await world.settle()
        assert world.clock.now() - began < timedelta(seconds=5)
        assert all(name == "x" for name, _, _ in seen)


async def test_a_deadline_behind_a_delayed_message_is_not_settled_in_silence() -> None:
    async with running(app) as world:
        await jobs.working.send(Job("later"), delay_s=5)
        await jobs.sleeping.send(Job("x", times=1))
        with pytest.raises(Unsettled, match=r"sent with delay_s.*clock\.advance"):
            await world.settle()


async def test_a_fifo_group_keeps_its_order_over_retries_and_the_others_do_not_wait() -> None:
    async with running(app) as world:
        await jobs.ordered.send(Job("a1", times=2), group="a")
        await jobs.ordered.send(Job("a2"), group="a")
        await jobs.ordered.send(Job("b1"), group="b")
        await world.settle()
        assert seen == ["b1", "a1", "a2"]


async def test_what_a_batch_marks_as_failed_comes_back_alone() -> None:
    async with running(app) as world:
        await jobs.batched.send_many([Job("a"), Job("b", times=1), Job("c")])
        await world.settle()
        assert seen == [["a", "c"], ["b"]]


async def test_a_request_under_way_is_settled_too() -> None:
    async with running(app) as world:
        answer = asyncio.create_task(world.http.get("/sleep"))
        await asyncio.sleep(0)
        await world.settle()
        assert answer.done() or (await answer).status == 503


async def test_logs_and_traces_tell_what_happened() -> None:
    async with running(app) as world:
        await world.http.post("/accounts", json=jobs.Account("a", "ada"))
        await world.http.post("/accounts", json=jobs.Account("b", "bob"))
        await world.http.post("/moves")
        await jobs.failing.send(Job("x", times=1))
        await world.settle()
        (moved,) = [one for one in world.traces if one.spans[0].function == "jobs.move"]
        assert [span.function for span in moved.spans] == ["jobs.move", "jobs.work"]
        texts = [log.text for log in world.logs if log.logger == "jobs"]
        assert texts == ["attempt 1", "attempt 2"]
