"""Bundles as Lambda has them: unzipped, and called by an interpreter that sees nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.served import SKYLIFT

CALL = """
import sys
sys.path.insert(0, {folder!r})
import skylift_function
import json


class Context:
    aws_request_id = "one"

    def get_remaining_time_in_millis(self):
        return 10_000


print(json.dumps(skylift_function.handler({event!r}, Context())))
"""
ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "SKYLIFT_STAGE": "test",
}


def build(
    app: Path, state: Path, *said: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    command = [SKYLIFT, "build", str(app), "--state", str(state), *said]
    around = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=around)


def built(app: Path, state: Path, *said: str) -> dict[str, Any]:
    """What the command tells of each function, by its name."""
    done = build(app, state, *said, "--json")
    assert done.returncode == 0, done.stderr
    return {one["name"]: one for one in json.loads(done.stdout)["functions"]}


def names(bundle: str | Path) -> set[str]:
    with zipfile.ZipFile(bundle) as file:
        return set(file.namelist())


def read(bundle: str | Path, name: str) -> str:
    with zipfile.ZipFile(bundle) as file:
        return file.read(name).decode()


def called(bundle: str | Path, folder: Path, event: Mapping[str, Any]) -> dict[str, Any]:
    """What the handler answers; its modules come from the bundle, and from their bytecode."""
    with zipfile.ZipFile(bundle) as file:
        file.extractall(folder)
    program = CALL.format(folder=str(folder), event=dict(event))
    command = [sys.executable, "-I", "-S", "-B", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def http_event(method: str, path: str, body: str = "") -> dict[str, Any]:
    """As an HTTP API sends it, payload 2.0."""
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example"},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
            "requestId": "one",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }
