"""Channels on MiniStack: one Events API of a stand, a namespace each; and who listens there, with a
key, over a WebSocket. Who may is asked of no function here: the emulator asks one only when it is
made to.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from skylift.aws.runtime.client_rest import Rest, body_of, called
from skylift.aws.runtime.wait import drive
from skylift.resources.channel import Channel
from tests.system.sockets import PROTOCOL, Socket, handshake, header

if TYPE_CHECKING:
    from tests.rehearsal.stand import AwsStand

API, HTTP, REALTIME = "channels.id", "channels.http", "channels.realtime"
IAM = [{"authType": "AWS_IAM"}]


def make_channel(stand: AwsStand, channel: Channel[Any, ...]) -> None:
    if API not in stand.places:
        config = {
            "authProviders": IAM,
            "connectionAuthModes": IAM,
            "defaultPublishAuthModes": IAM,
            "defaultSubscribeAuthModes": IAM,
        }
        made = asked(stand, "/v2/apis", {"name": stand.name, "eventConfig": config})["api"]
        stand.places[API] = made["apiId"]
        stand.places |= {HTTP: made["dns"]["HTTP"], REALTIME: made["dns"]["REALTIME"]}
    asked(stand, f"/v2/apis/{stand.places[API]}/channelNamespaces", {"name": channel.name})


def open_channel(stand: AwsStand, channel: Channel[Any, ...]) -> Any:
    from skylift.aws.runtime.channel_appsync import AppSyncChannel

    del channel
    return AppSyncChannel(stand.asking("appsync"), stand.places[HTTP], stand.clock)


def asked(stand: AwsStand, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    rest = Rest(path, "POST", path, body_of(body))
    until = stand.clock.time() + 30
    return drive(called(stand.direct("appsync"), rest, dict[str, Any], deadline=until))


class Listening:
    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    async def take(self, count: int) -> list[str]:
        """What they come in is a text on the emulator, and an array in AWS's own description."""
        told = [self._socket.hear()["event"] for _ in range(count)]
        return [one if isinstance(one, str) else one[0] for one in told]


@asynccontextmanager
async def listening(stand: AwsStand, path: str) -> AsyncGenerator[Listening]:
    host, port = stand.places[REALTIME], int(stand.endpoint.rpartition(":")[2])
    said = header(host=host, Authorization="none")
    sent = handshake(PROTOCOL, said, path="/event/realtime", host=host)
    with Socket(port, sent=sent) as socket:
        assert socket.ask(type="connection_init")["type"] == "connection_ack"
        told = socket.subscribe(path, authorization={"Authorization": "none", "host": host})
        assert told["type"] == "subscribe_success", told
        yield Listening(socket)
