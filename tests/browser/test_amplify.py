"""AWS's public client subscribes to a channel of a local app, as it would on AWS."""

from __future__ import annotations

import json
import select
import subprocess
import time
from pathlib import Path
from shutil import which

import pytest

from tests.system.hall import Hall

CLIENT = "aws-amplify@6.22.1"
SCRIPT = Path(__file__).with_name("amplify.mjs")
INSTALL_S_MAX, PATIENCE_S = 240.0, 40.0


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client in it; nothing is left in the repository."""
    if which("node") is None or which("npm") is None:
        pytest.skip("NO NODE: neither node nor npm is installed, so AWS's client was not asked")
    folder = tmp_path_factory.mktemp("amplify")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    try:
        subprocess.run([*command, CLIENT], check=True, capture_output=True, timeout=INSTALL_S_MAX)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"NO CLIENT: npm gave no {CLIENT}, so AWS's client was not asked: {error}")
    return folder


def node(folder: Path, *given: str) -> subprocess.Popen[bytes]:
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    major = int(told.stdout.removeprefix("v").partition(".")[0])
    options = ["--experimental-websocket"] if major < 22 else []
    command = ["node", *options, str(SCRIPT), str(folder), *given]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


@pytest.mark.long
def test_awss_own_client_hears_what_is_published(installed: Path, tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    with hall.served:
        token = hall.guest()
        room = hall.room(token)
        endpoint = f"http://localhost:{hall.port}/_skylift/channels/event"
        with node(installed, endpoint, f"/live/rooms/{room}/1", token) as client:
            try:
                told = _first(client, hall, token, room)
            finally:
                client.kill()
        assert told["room"] == room
        assert told["text"] == "hi"


def _first(client: subprocess.Popen[bytes], hall: Hall, token: str, room: str) -> dict[str, str]:
    """What it hears first: it does not say when it is subscribed, so it is told again and again."""
    assert client.stdout is not None
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        hall.post(f"/rooms/{room}/said", token, text="hi")
        if select.select([client.stdout], [], [], 1.0)[0]:
            return json.loads(client.stdout.readline())
    raise AssertionError("it heard nothing")
