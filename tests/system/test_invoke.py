"""`skylift invoke`: one call of one function, in the process that runs the app or on its state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Served
from tests.system.commands import Shell, ask, until


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, Served]]:
    """One process for all tests that need any."""
    shell = Shell(tmp_path_factory.mktemp("state"))
    with shell.served() as served:
        yield shell, served


@pytest.fixture(params=["running", "stopped"])
def either(request: pytest.FixtureRequest, shell: Shell) -> Shell:
    """Whether the app runs or not, it is the same."""
    if request.param == "stopped":
        return shell
    shell, served = request.getfixturevalue("running")
    ask(served.port, "PUT", "/mood/done")
    return shell


def event(**members: object) -> str:
    return json.dumps(members)


# -- functions of an Api


def test_a_request_is_answered_as_a_client_would_see_it(either: Shell) -> None:
    said = event(
        path={"id": 7, "rest": "a b/c"}, query={"tags": ["x", "y&z"], "loud": True}, headers={}
    )
    done = either("invoke", "jobs.show", "--event=-", input=said)
    head, _, body = done.stdout.partition("\n\n")
    assert head == "200\ncontent-type: application/json"
    assert json.loads(body) == {"id": 7, "rest": "a b/c", "tags": ["x", "y&z"], "loud": True}
    assert done.stderr.startswith("jobs.show: ")
    assert done.returncode == 0


def test_a_refusal_is_an_answer_and_no_failure(either: Shell) -> None:
    said = event(path={"id": 0, "rest": "a"})
    found = either.json("invoke", "jobs.show", "--event=-", input=said)
    assert (found["status"], found["body"]["detail"]) == (404, "there is no thing 0")
    assert found["failure"] is None
    assert found["headers"] == {"content-type": "application/problem+json"}


def test_a_body_of_another_shape_is_refused_as_over_http(either: Shell) -> None:
    found = either.json(
        "invoke", "jobs.send_many", "--event=-", input=event(body={"first": "a", "count": 1})
    )
    assert found["status"] == 422
    assert found["body"]["errors"][0]["pointer"] == "/first"


def test_a_handler_that_raises_is_exit_code_1_with_the_place(either: Shell) -> None:
    said = event(path={"id": -1, "rest": "a"})
    done = either("invoke", "jobs.show", "--json", "--event=-", input=said)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["status"] == 500
    assert found["failure"].startswith("ValueError: a thing has a number\n")
    assert "tests/apps/letters/jobs.py" in found["failure"]
    assert "jobs.show failed: ValueError: a thing has a number" in done.stderr
    assert "skylift/engine" not in done.stderr


def test_cookies_and_bytes_are_shown(either: Shell) -> None:
    found = either.json("invoke", "jobs.raw")
    assert found["cookies"] == ["a=1", "b=2"]
    assert found["body"] == "<2 bytes that are no text>"
    assert "set-cookie: a=1\nset-cookie: b=2\n" in either.said("invoke", "jobs.raw")


def test_what_a_handler_prints_does_not_stand_in_the_json(either: Shell) -> None:
    assert either.json("invoke", "jobs.rattle")["body"] == "done"


def test_a_deadline_holds_and_ends_the_command(either: Shell) -> None:
    done = either("invoke", "jobs.stick")
    assert done.returncode == 1
    assert done.stdout.startswith("503\n")
    assert "jobs.stick did not finish within 0.2 s" in done.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('{"path": {"id": 1}}', "the event lacks the path's 'rest'"),
        ('{"path": {"id": 1, "rest": "", "no": 1}}', "has no parameter 'no'"),
        ('{"paths": {}}', "the event is no request: Object contains unknown field `paths`"),
        ('{"path": 1}', "the event is no request"),
        ("[]", "the event is no request"),
        ("{", "the event is no request"),
    ],
)
def test_an_event_that_is_no_request_is_the_users_mistake(
    shell: Shell, said: str, told: str
) -> None:
    assert told in shell.refused("invoke", "jobs.show", "--event=-", input=said)


# -- consumers


def test_a_consumer_is_given_the_message_and_its_result_is_shown(either: Shell) -> None:
    assert either.said("invoke", "jobs.work", "--event=-", input=event(name="a")) == (
        '"a is done"\n'
    )
    found = either.json("invoke", "jobs.work", "--event=-", input=event(name="b"))
    assert found.keys() == {"function", "trace", "took_ms", "failure", "result"}
    assert (found["function"], found["result"]) == ("jobs.work", "b is done")
    assert either.counts("jobs") == {"ready": 0, "in_flight": 0, "delayed": 0, "dead": 0}


def test_a_call_is_seen_in_the_traces(either: Shell) -> None:
    either.said("invoke", "jobs.be", "--event=-", input=event(path={"says": "fail"}))
    done = either("invoke", "jobs.work", "--event=-", "--json", input=event(name="a"))
    trace = json.loads(done.stdout)["trace"]

    def is_shown() -> bool:
        return "ValueError: a cannot be done" in either("traces", trace).stdout

    until(is_shown, lambda: "the trace is not shown")


def test_a_failure_is_not_tried_again(either: Shell) -> None:
    either.said("invoke", "jobs.be", "--event=-", input=event(path={"says": "fail"}))
    done = either("invoke", "jobs.work", "--event=-", input=event(name="a"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "jobs.work failed: ValueError: a cannot be done" in done.stderr
    assert either.counts("jobs") == {"ready": 0, "in_flight": 0, "delayed": 0, "dead": 0}


def test_a_batch_is_a_list_of_messages(either: Shell) -> None:
    good, bad = {"name": "good"}, {"name": "bad"}
    assert either("invoke", "jobs.take", "--event=-", input=json.dumps([good])).returncode == 0
    assert either("invoke", "jobs.take", "--event=-", input=json.dumps(good)).returncode == 0
    done = either("invoke", "jobs.take", "--event=-", input=json.dumps([good, bad]))
    assert done.returncode == 1
    assert "it marked 1 of 2 as failed" in done.stderr
    assert '{"name": "bad"}: not today' in done.stderr


def test_a_consumer_that_runs_once_runs_as_often_as_it_is_called(either: Shell) -> None:
    either.said("invoke", "jobs.work", "--event=-", input=event(name="b"))
    for _ in range(2):
        assert either("invoke", "jobs.pay", "--event=-", input=event(name="b")).returncode == 0
    found = either.json("invoke", "jobs.finished", "--event=-", input=event(path={"name": "b"}))
    assert found["body"] == {"name": "b", "times": 2}


def test_a_message_that_was_copied_with_its_envelope_is_read(shell: Shell) -> None:
    with shell.served() as served:
        ask(served.port, "POST", "/later/a")
    (waiting,) = shell.json("queue peek", "jobs")["waiting"]
    found = shell.json("invoke", "jobs.work", "--event=-", input=waiting["body"])
    assert (found["result"], found["trace"]) == ("a is done", waiting["trace"])


def test_a_consumer_of_dead_letters_is_given_the_message(either: Shell) -> None:
    assert either("invoke", "jobs.mourn", "--event=-", input=event(name="a")).returncode == 0
    done = either("invoke", "jobs.mourn", "--event=-", input=event(name="unforgettable"))
    assert done.returncode == 1
    assert "ValueError: I cannot forget it" in done.stderr
    told = either.refused("invoke", "jobs.mourn", "--event=-", input=event(nam="a"))
    assert "missing required field `name`" in told


@pytest.mark.parametrize(
    ("function", "said", "told"),
    [
        ("jobs.work", "", "it is no JSON"),
        ("jobs.work", "{}", "missing required field `name`"),
        ("jobs.work", '{"name": 1}', "Expected `str`, got `int`"),
        ("jobs.work", '[{"name": "a"}]', "Expected `object`, got `array`"),
        ("jobs.take", "[]", "the event holds 0 messages"),
        ("jobs.take", json.dumps([{"name": "a"}] * 11), "the function takes 1 to 10 at a time"),
        ("jobs.take", "nonsense", "the event is no JSON"),
        (
            "jobs.wrk",
            "{}",
            "has no function 'jobs.wrk'\n    hint: did you mean 'jobs.work'?",
        ),
    ],
)
def test_what_no_function_can_be_given_is_the_users_mistake(
    shell: Shell, function: str, said: str, told: str
) -> None:
    assert told in shell.refused("invoke", function, "--event=-", input=said)


# -- where it runs, and where the event is


def test_it_runs_in_the_process_of_the_app(shell: Shell) -> None:
    with shell.served():
        assert [shell.json("invoke", "jobs.nap")["body"] for _ in range(2)] == [1, 2]
    assert [shell.json("invoke", "jobs.nap")["body"] for _ in range(2)] == [1, 1]


def test_what_it_sends_waits_for_the_app(shell: Shell) -> None:
    shell.said("invoke", "jobs.send", "--event=-", input=event(path={"name": "a"}))
    assert shell.counts("jobs")["ready"] == 1
    with shell.served():
        shell.until("jobs", ready=0, in_flight=0, delayed=0, dead=0)


def test_an_event_may_be_a_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(event(name="a"))
    assert shell.json("invoke", "jobs.work", f"--event={file}")["result"] == "a is done"
    assert "No such file" in shell.refused("invoke", "jobs.work", "--event=nothing.json")
    file.write_bytes(b"\xff\xfe")
    assert "no text in UTF-8" in shell.refused("invoke", "jobs.work", f"--event={file}")


def test_an_event_too_large_to_be_asked_is_told(shell: Shell) -> None:
    with shell.served():
        told = shell.refused("invoke", "jobs.work", "--event=-", input="x" * 17_000_000)
        assert "the limit is 16,777,216" in told


# -- dev --fast-retries


def test_with_fast_retries_a_message_that_times_out_is_dead_within_a_second(shell: Shell) -> None:
    with shell.served("--fast-retries", command="dev") as served:
        ask(served.port, "POST", "/slow/a")
        shell.until("slow", dead=1)
        (letter,) = shell.json("queue peek", "slow")["dead"]
        assert letter["reason"] == "lost"  # its lease would have lasted a minute


def test_serve_knows_no_fast_retries(shell: Shell) -> None:
    done = shell("serve", "--fast-retries")
    assert done.returncode == 2
    assert "--fast-retries" in done.stderr
