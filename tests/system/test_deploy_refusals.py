"""What a deploy says that cannot even begin: a sentence, a remedy, exit code 2, and no trace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import sleep

import pytest

from tests.served import SKYLIFT

HELLO = Path(__file__).parents[2] / "apps" / "hello"
KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
REGION = {"AWS_REGION": "eu-west-1"}
NOBODY = "--endpoint-url=http://127.0.0.1:9"  # of the discard service, which no machine has


def refused(folder: Path, *said: str, command: str = "deploy", **environment: str) -> str:
    done = subprocess.run(
        [SKYLIFT, command, str(HELLO), *said],
        # Without the metadata that only a machine of AWS has: asking for it takes seconds.
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AWS_EC2_METADATA_DISABLED": "true",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert "hint: " in done.stderr
    if "--json" in said:
        return done.stdout
    assert done.stdout == ""
    return done.stderr


def test_who_says_no_region_is_told_how(tmp_path: Path) -> None:
    assert "--region" in refused(tmp_path, **KEYS)


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_who_has_no_credentials_is_told_where_to_get_some(tmp_path: Path, command: str) -> None:
    told = refused(tmp_path, command=command, **REGION)
    assert "there are no credentials for AWS" in told
    assert "aws sso login" in told


def test_half_of_the_credentials_is_not_enough(tmp_path: Path) -> None:
    assert "incomplete" in refused(tmp_path, **REGION, AWS_ACCESS_KEY_ID="a")


def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "AWS_PROFILE" in refused(tmp_path, **REGION, AWS_PROFILE="nobody")


def test_an_endpoint_where_nobody_answers_is_named(tmp_path: Path) -> None:
    told = refused(tmp_path, NOBODY, **REGION, **KEYS, AWS_MAX_ATTEMPTS="1")
    assert "nothing answers there" in told
    assert "--endpoint-url" in told


@pytest.mark.parametrize(
    ("said", "told"),
    [("--endpoint-url=127.0.0.1:9", "no URL"), ("--region=eu west", "no region")],
)
def test_a_place_that_is_none_is_told_with_one_that_is(
    tmp_path: Path, said: str, told: str
) -> None:
    answer = refused(tmp_path, said, **REGION, **KEYS)
    assert f"that is {told}" in answer
    assert "hint: --" in answer


def test_a_stage_that_is_no_name_is_refused(tmp_path: Path) -> None:
    assert "stage 'Dev-1' is no name" in refused(tmp_path, "--stage=Dev-1", **REGION)


def test_a_refusal_is_a_document_too(tmp_path: Path) -> None:
    told = json.loads(refused(tmp_path, "--json", **REGION))
    assert (told["outcome"], told["stage"]) == ("refused", "dev")
    assert "credentials" in told["reason"]


def test_an_endpoint_that_is_something_else_is_told_so(tmp_path: Path) -> None:
    with answering({"POST": (200, "<html>log in first")}) as url:
        told = refused(tmp_path, f"--endpoint-url={url}", **REGION, **KEYS)
    assert "what answers is not AWS" in told
    assert "--endpoint-url" in told


def test_a_bucket_of_somebody_else_is_named_and_nothing_is_put_into_it(tmp_path: Path) -> None:
    who = "<Account>1</Account><Arn>arn:aws:iam::1:user/a</Arn>"
    identity = f"<R><GetCallerIdentityResult>{who}</GetCallerIdentityResult></R>"
    denied = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    with answering({"POST": (200, identity), "GET": (403, denied)}) as url:
        told = refused(tmp_path, f"--endpoint-url={url}", **REGION, **KEYS)
    assert "bucket skylift-1-eu-west-1: AWS denied it" in told
    assert "another account's bucket" in told


@contextmanager
def answering(answers: Mapping[str, tuple[int, str]]) -> Generator[str]:
    """A server that says one thing to each method, and drops who asks with another."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = answers[self.command]
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_who_interrupts_a_deploy_is_told_what_becomes_of_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        running = subprocess.Popen(
            [SKYLIFT, "deploy", str(HELLO), f"--endpoint-url={url}", "--json"],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **REGION, **KEYS},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        asked, _ = silent.accept()
        with asked:
            asked.recv(1 << 16)
            sleep(0.2)  # it waits for the answer now: just before, a signal ends no system call
            running.send_signal(signal.SIGINT)
            try:
                out, err = running.communicate(timeout=60)
            finally:
                running.kill()
    assert running.returncode == 130
    told = json.loads(out)
    assert (told["outcome"], told["stage"]) == ("interrupted", "dev")
    assert err == f"skylift: interrupted\n    hint: {told['hint']}\n"


def test_without_boto3_a_deploy_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "boto3.py").write_text("raise ImportError('no boto3 here')")
    told = refused(tmp_path, **REGION, PYTHONPATH=str(tmp_path))
    assert "pip install 'skylift[aws]'" in told
