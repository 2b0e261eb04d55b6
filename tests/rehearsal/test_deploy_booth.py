"""A booth on AWS: who may subscribe is asked of the deployed authorizer, which calls the guard of
the channel; what a deployed function publishes reaches who is subscribed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack
from tests.system.sockets import PROTOCOL, Ended, Socket, handshake, header

BOOTH = Path(__file__).parents[1] / "apps" / "booth"


@pytest.fixture(scope="module")
def booth(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, BOOTH, tmp_path_factory.mktemp("booth"))
    one.deployed()
    assert one.ask("POST", "/rooms/r1").status == 201
    yield one
    assert one.skylift("destroy", "--yes").code == 0
    assert one.client("appsync").list_apis()["apis"] == []


def connected(booth: Deployment, token: str) -> Socket:
    (api,) = booth.client("appsync").list_apis()["apis"]
    host, port = api["dns"]["REALTIME"], int(booth.stack.url.rpartition(":")[2])
    said = header(host=host, Authorization=token)
    sent = handshake(PROTOCOL, said, path="/event/realtime", host=host)
    return Socket(port, token, sent=sent)


def subscribed(socket: Socket, channel: str, id: str) -> str:
    return socket.subscribe(channel, id, authorization={"Authorization": socket.token})["type"]


def test_what_a_deployed_function_publishes_reaches_who_the_guard_lets_in(
    booth: Deployment,
) -> None:
    with connected(booth, "none") as socket:
        assert socket.ask(type="connection_init")["type"] == "connection_ack"
        assert subscribed(socket, "/board/rooms/r1", "a") == "subscribe_success"
        assert booth.ask("POST", "/rooms/r1/said", {"text": "naïve"}).status == 204
        told = socket.hear()
        assert (told["type"], told["id"]) == ("data", "a")
        assert json.loads(told["event"]) == {"text": "naïve"}


@pytest.mark.parametrize(
    "channel",
    ["/board/rooms/nowhere", "/board/halls/r1", "/live/rooms/r1", "/silent/all", "/board/rooms/*"],
)
def test_nobody_else_is_let_in(booth: Deployment, channel: str) -> None:
    with connected(booth, "none") as socket:
        assert subscribed(socket, channel, "a") == "subscribe_error"


def test_a_wrong_token_does_not_even_connect(booth: Deployment) -> None:
    with connected(booth, "x.y.z") as socket:
        assert socket.hear()["type"] == "connection_error"
        with pytest.raises(Ended):
            socket.hear()
