"""`skylift queue`: beside an app that runs, and on what one that does not has left."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.served import SKYLIFT, Served
from tests.system.commands import LETTERS, ROOT, Shell, ask, bury, until

NOTHING = {"ready": 0, "in_flight": 0, "delayed": 0, "dead": 0}


@contextmanager
def either(shell: Shell, running: bool) -> Iterator[Served | None]:
    """The app runs meanwhile, and takes its time; or it does not."""
    if not running:
        yield None
        return
    with shell.served() as served:
        ask(served.port, "PUT", "/mood/wait")
        yield served


# -- ls


def test_an_app_that_never_ran_has_nothing_and_gets_nothing(shell: Shell) -> None:
    assert shell.json("queue ls") == [
        {"queue": name, **NOTHING} for name in ("jobs", "batches", "paying", "slow")
    ]
    assert shell.said("queue redrive", "jobs") == "0 dead letters of queue jobs sent back\n"
    assert "no dead letters" in shell.said("queue peek", "jobs")
    assert not shell.state.exists()


def test_ls_counts_while_the_app_runs_and_when_it_does_not(shell: Shell) -> None:
    with shell.served() as served:
        ask(served.port, "PUT", "/mood/wait")
        for name in "abc":
            ask(served.port, "POST", f"/jobs/{name}")
        ask(served.port, "POST", "/later/d")
        ask(served.port, "POST", "/batches", {"first": 0, "count": 1500})
        running = shell.json("queue ls")
        assert running[0] == {"queue": "jobs", **NOTHING, "in_flight": 3, "delayed": 1}
        flying = running[1]["in_flight"]
        assert 0 < flying < 1500
        assert running[1] == {
            **NOTHING,
            "queue": "batches",
            "in_flight": flying,
            "ready": 1500 - flying,
        }
        told = shell.said("queue ls").splitlines()
        assert told[0].split() == ["queue", "ready", "in", "flight", "delayed", "dead"]
        assert told[1].split() == ["jobs", "0", "3", "1", "0"]
        assert {len(line) for line in told} == {len(told[0])}
        served.kill()
    stopped = shell.json("queue ls")
    assert stopped[0] == {"queue": "jobs", **NOTHING, "ready": 3, "delayed": 1}
    assert stopped[1] == {"queue": "batches", **NOTHING, "ready": 1500}


def test_looking_at_what_a_killed_app_left_costs_no_message_an_attempt(shell: Shell) -> None:
    """And leaves what may have killed it to be known as that."""
    with shell.served() as served:
        ask(served.port, "PUT", "/mood/wait")
        ask(served.port, "POST", "/jobs/a")
        shell.until("jobs", in_flight=1)
        served.kill()
    for _ in range(3):
        assert shell.counts("jobs") == {**NOTHING, "ready": 1}
    with shell.served() as served:
        shell.until("jobs", in_flight=1)
        (message,) = shell.json("queue peek", "jobs")["waiting"]
        assert (message["attempts"], message["state"]) == (1, "in flight")


# -- peek


def test_peek_prints_reason_error_and_trace(shell: Shell) -> None:
    with shell.served() as served:
        ask(served.port, "PUT", "/mood/fail")
        ask(served.port, "POST", "/jobs/unforgettable")
        shell.until("jobs", dead=1)
        told = shell.said("queue peek", "jobs.work")
        assert told.startswith("queue jobs, consumer jobs.work\n1 dead letter:\n")
        assert "failed after 2 attempts" in told
        assert "ValueError: unforgettable cannot be done (jobs.py:" in told
        assert '{"name":"unforgettable"}' in told
        assert told.endswith("no messages\n")
        document = shell.json("queue peek", "jobs", "--dead")
        (letter,) = document["dead"]
        assert document.keys() == {"queue", "function", "counts", "dead"}
        assert letter["trace"] in told
        assert letter["first_sent"] in told
        assert letter["message"] == {"name": "unforgettable"}
        assert json.loads(letter["body"])["body"] == letter["message"]
    assert shell.said("queue peek", "jobs.work") == told
    tree = shell.said("traces", letter["trace"])
    assert "jobs.send" in tree
    assert "ValueError: unforgettable cannot be done" in tree


def test_peek_shows_so_many_of_each_and_how_many_there_are(shell: Shell) -> None:
    bury(shell, 25)
    told = shell.said("queue peek", "batches", "--limit=3", "--dead").splitlines()
    assert told[1] == "25 dead letters, the first 3:"
    assert sum("not today" in line for line in told) == 3
    found = shell.json("queue peek", "jobs.take", "--limit=3")
    assert [len(found["dead"]), found["counts"]["dead"]] == [3, 25]
    assert [one["message"]["name"] for one in found["dead"]] == ["0", "1", "2"]


@pytest.mark.parametrize("limit", ["0", "-1", "101", "many"])
def test_limits_are_named(shell: Shell, limit: str) -> None:
    assert "is no count" in shell.refused("queue peek", "jobs", f"--limit={limit}")


def test_a_dead_letter_that_kills_the_process_does_so_once_an_attempt(shell: Shell) -> None:
    with shell.served() as served:
        ask(served.port, "PUT", "/mood/fail")
        ask(served.port, "POST", "/jobs/poison")
        assert served.ended() == 1
    for _ in range(2):
        with shell.served() as served:
            ask(served.port, "POST", "/jobs/other")  # and others are served
            until(lambda: shell.counts("jobs") == {**NOTHING, "dead": 1}, lambda: "it is not over")
            assert served.terminate() == 0
    (letter,) = shell.json("queue peek", "jobs")["dead"]
    assert letter["message"] == {"name": "poison"}


# -- names


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("deed", ["peek", "redrive", "purge"])
def test_a_name_that_does_not_exist_is_told_with_the_nearest(
    shell: Shell, deed: str, running: bool
) -> None:
    with either(shell, running):
        more = ["--yes"] if deed == "purge" else []
        told = shell.refused(f"queue {deed}", "job", *more)
        assert "letters has no queue 'job'\n    hint: did you mean 'jobs'?" in told
        done = shell(f"queue {deed}", "jobs.wrk", "--json", *more)
        assert done.returncode == 2
        assert json.loads(done.stdout)["mistakes"][0]["remedy"] == "did you mean 'jobs.work'?"


# -- redrive


@pytest.mark.parametrize("running", [True, False])
def test_redrive_sends_back(shell: Shell, running: bool) -> None:
    bury(shell, 1_000)
    with either(shell, running):
        assert shell.json("queue redrive", "batches", "--limit=10") == {
            "queue": "batches",
            "redriven": 10,
        }
        assert shell.counts("batches")["dead"] == 990
        told = shell.said("queue redrive", "jobs.take")
        assert told == "990 dead letters of queue batches sent back\n"
        found = shell.counts("batches")
        assert found["ready"] + found["in_flight"] == 1_000
        assert found["dead"] == 0


# -- purge


def test_purge_deletes_what_waits_or_the_dead_letters(shell: Shell) -> None:
    bury(shell, 20)
    with either(shell, running=True) as served:
        assert served is not None
        ask(served.port, "POST", "/batches", {"first": 0, "count": 2_500})
        flying = shell.counts("batches")["in_flight"]
        assert flying
        gone = f"{2_500 - flying:,} messages of queue batches deleted"
        kept = f"{flying:,} messages in flight stayed"
        assert shell.said("queue purge", "batches", "--yes") == f"{gone}; {kept}\n"
        assert shell.counts("batches") == {**NOTHING, "in_flight": flying, "dead": 20}
    assert shell.json("queue purge", "batches", "--dead", "--yes") == {
        "queue": "batches",
        "purged": 20,
    }
    assert (
        shell.said("queue purge", "batches", "--yes")
        == f"{flying:,} messages of queue batches deleted\n"
    )
    assert shell.counts("batches") == NOTHING


def test_purge_off_a_terminal_needs_a_yes(shell: Shell) -> None:
    bury(shell, 1)
    assert "hint: say --yes" in shell.refused("queue purge", "batches", "--dead", input="y\n")
    assert shell.counts("batches")["dead"] == 1


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("\x04", 1)])
def test_purge_on_a_terminal_asks(shell: Shell, answer: str, left: int) -> None:
    bury(shell, 1)
    ours, theirs = pty.openpty()
    command = [
        SKYLIFT,
        "queue",
        "purge",
        str(LETTERS),
        "batches",
        "--dead",
        f"--state={shell.state}",
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert select.select([process.stderr], [], [], 30)[0]
        question = os.read(process.stderr.fileno(), 1_000).decode()
        assert question == "delete 1 dead letter of queue batches for good? [y/N] "
        os.write(ours, answer.encode())
        told = process.stderr.read().decode()
        assert process.wait(30) == (0 if left == 0 else 2)
        assert ("nothing was deleted" in told) == (left == 1)
    os.close(ours)
    os.close(theirs)
    assert shell.counts("batches")["dead"] == left


def test_what_was_in_flight_at_a_kill_and_purged_costs_no_later_message_an_attempt(
    shell: Shell,
) -> None:
    shell.said("invoke", "jobs.be", "--event=-", input='{"path": {"says": "wait"}}')
    with shell.served() as served:
        ask(served.port, "POST", "/jobs/before")
        shell.until("jobs", in_flight=1)
        served.kill()
    assert shell.json("queue purge", "jobs", "--yes")["purged"] == 1
    shell.said("invoke", "jobs.send", "--event=-", input='{"path": {"name": "after"}}')
    with shell.served():
        shell.until("jobs", in_flight=1)
        (waiting,) = shell.json("queue peek", "jobs")["waiting"]
    assert waiting["message"] == {"name": "after"}
    assert waiting["attempts"] == 0


def test_ls_tells_each_queue_in_a_line_of_one_document(shell: Shell) -> None:
    first, *lines, last = shell.said("queue ls", "--json").splitlines()
    assert (first, last) == ("[", "]")
    assert [json.loads(line.rstrip(","))["queue"] for line in lines] == [
        one["queue"] for one in shell.json("queue ls")
    ]
    assert len(lines) == 4
