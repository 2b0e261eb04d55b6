"""Channels over real sockets: what is said, to whom, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.hall import Hall
from tests.system.sockets import (
    PROTOCOL,
    Ended,
    Refused,
    Socket,
    handshake,
    header,
)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    found = Hall(tmp_path_factory.mktemp("hall"))
    with found.served:
        yield found


@pytest.fixture(scope="module")
def token(hall: Hall) -> str:
    return hall.guest()


def test_what_is_published_reaches_each_subscriber_once_and_in_order(
    hall: Hall, token: str
) -> None:
    room = hall.room(token)
    path = f"/live/rooms/{room}/1"
    with Socket(hall.port, token) as one, Socket(hall.port, token) as other:
        assert one.head.lower().count(f"sec-websocket-protocol: {PROTOCOL}\r\n".strip()) == 1
        ack = one.ask(type="connection_init")
        assert ack == {"type": "connection_ack", "connectionTimeoutMs": 300_000}
        for socket in (one, other):
            assert socket.subscribe(path, "a") == {"type": "subscribe_success", "id": "a"}
        for text in ("hi", "naïve 🚀", "bye"):
            hall.post(f"/rooms/{room}/said", token, text=text)
        for socket in (one, other):
            heard = socket.events(3)
            assert [(event["seq"], event["text"]) for event in heard] == [
                (1, "hi"),
                (2, "naïve 🚀"),
                (3, "bye"),
            ]


def test_data_is_an_array_of_one_json_text_under_the_id_of_its_subscription(
    hall: Hall, token: str
) -> None:
    with Socket(hall.port, token) as socket:
        socket.subscribe("/news/all", "first")
        hall.post("/news", token, text="x")
        data = socket.hear()
        assert (data["type"], data["id"], len(data["event"])) == ("data", "first", 1)
        assert json.loads(data["event"][0])["text"] == "x"


def test_who_has_unsubscribed_hears_no_more(hall: Hall, token: str) -> None:
    with Socket(hall.port, token) as socket:
        socket.subscribe("/news/all", "a")
        socket.subscribe("/news/all", "b")
        done = socket.ask(type="unsubscribe", id="a")
        assert done == {"type": "unsubscribe_success", "id": "a"}
        hall.post("/news", token, text="x")
        assert socket.hear()["id"] == "b"
        unknown = socket.ask(type="unsubscribe", id="a")
        assert unknown["type"] == "unsubscribe_error"
        assert unknown["errors"][0]["errorType"] == "UnknownOperationError"


def test_who_brings_no_token_hears_what_is_for_anybody_and_nothing_else(
    hall: Hall, token: str
) -> None:
    room = hall.room(token)
    for authorization in ("", "none"):
        with Socket(hall.port, authorization) as socket:
            assert socket.subscribe("/news/all")["type"] == "subscribe_success"
            refused = socket.subscribe(f"/live/rooms/{room}/1", "2")
            assert refused["errors"][0]["errorType"] == "UnauthorizedException"
            hall.post("/news", token, text="x")
            assert socket.hear()["type"] == "data"


def test_a_guest_of_one_room_does_not_hear_another(hall: Hall, token: str) -> None:
    stranger = hall.guest("Eve")
    room, own = hall.room(token), hall.room(stranger)
    with Socket(hall.port, stranger) as socket:
        assert socket.subscribe(f"/live/rooms/{own}/1", "own")["type"] == "subscribe_success"
        for path in (f"/live/rooms/{room}/1", f"/live/rooms/{own}/2", "/live/rooms/nowhere/1"):
            refused = socket.subscribe(path, "other")
            assert refused == {  # the same, whether there is such a room or not
                "type": "subscribe_error",
                "id": "other",
                "errors": [
                    {
                        "errorType": "UnauthorizedException",
                        "message": "You are not authorized to make this call.",
                    }
                ],
            }
        hall.post(f"/rooms/{room}/said", token, text="secret")
        hall.post(f"/rooms/{own}/said", stranger, text="own")
        assert socket.events(1)[0]["text"] == "own"


def test_another_epoch_turns_everybody_out(hall: Hall, token: str) -> None:
    room = hall.room(token)
    with Socket(hall.port, token) as socket:
        socket.subscribe(f"/live/rooms/{room}/1", "old")
        hall.post(f"/rooms/{room}/epoch", token)
        assert socket.subscribe(f"/live/rooms/{room}/1", "again")["type"] == "subscribe_error"
        socket.subscribe(f"/live/rooms/{room}/2", "new")
        hall.post(f"/rooms/{room}/said", token, text="x")
        assert socket.hear()["id"] == "new"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/news/*", "BadRequestException"),
        ("/*", "BadRequestException"),
        ("/live/rooms/*/1", "BadRequestException"),
        ("news/all", "BadRequestException"),
        ("", "BadRequestException"),
        ("/news/all/", "BadRequestException"),
        ("//news/all", "BadRequestException"),
        ("/news/../news/all", "BadRequestException"),
        ("/news/%61ll", "BadRequestException"),
        ("/news/all\0", "BadRequestException"),
        ("/news/àll", "BadRequestException"),
        ("/live/rooms/a b/1", "BadRequestException"),
        ("/live/rooms/" + "x" * 51 + "/1", "BadRequestException"),
        ("/live/rooms/a/1/2/3", "BadRequestException"),
        ("/News/all", "UnauthorizedException"),
        ("/news/ALL", "UnauthorizedException"),
        ("/news", "UnauthorizedException"),
        ("/live/rooms/a", "UnauthorizedException"),
        ("/live/halls/a/1", "UnauthorizedException"),
        ("/members/all", "UnauthorizedException"),
        ("/silent/a", "UnauthorizedException"),
        ("/broken/a", "UnauthorizedException"),
        ("/slow/a", "UnauthorizedException"),
    ],
)
def test_no_other_path_lets_anybody_in(hall: Hall, token: str, path: str, kind: str) -> None:
    with Socket(hall.port, token) as socket:
        refused = socket.subscribe(path)
        assert refused["type"] == "subscribe_error", path
        assert refused["errors"][0]["errorType"] == kind
        assert "asked for" not in json.dumps(refused)  # what a guard raises is for the log
        assert socket.subscribe("/news/all", "2")["type"] == "subscribe_success"


def test_a_wrong_token_does_not_even_connect(hall: Hall, token: str) -> None:
    forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    for wrong in (forged, "Bearer", "x.y.z", token + "x", "null"):
        with Socket(hall.port, wrong) as socket:
            refused = socket.hear()
            assert refused["type"] == "connection_error"
            assert refused["errors"][0]["errorType"] == "UnauthorizedException"
            with pytest.raises(Ended) as ended:
                socket.hear()
            assert ended.value.code == 1008


def test_a_subscription_may_bring_a_token_of_its_own(hall: Hall, token: str) -> None:
    room = hall.room(token)
    path = f"/live/rooms/{room}/1"
    with Socket(hall.port) as socket:
        wrong = socket.subscribe(path, "1", authorization={"Authorization": token + "x"})
        assert wrong["type"] == "subscribe_error"
        right = socket.subscribe(path, "1", authorization={"Authorization": f"Bearer {token}"})
        assert right["type"] == "subscribe_success"
    with Socket(hall.port, token) as socket:  # what it brings counts, and not what came before
        assert socket.subscribe(path, authorization={})["type"] == "subscribe_error"


def test_ids_are_unique_bounded_and_plain(hall: Hall, token: str) -> None:
    with Socket(hall.port, token) as socket:
        socket.subscribe("/news/all", "a")
        for id in ("a", "", "x" * 129, 'x","event":["', "ä"):
            refused = socket.subscribe("/news/all", id)
            assert refused["type"] == "subscribe_error"
            assert refused["errors"][0]["errorType"] == "BadRequestException"


def test_a_connection_has_200_subscriptions_at_most(hall: Hall, token: str) -> None:
    with Socket(hall.port, token) as socket:
        for no in range(200):
            assert socket.subscribe("/news/all", str(no))["type"] == "subscribe_success"
        refused = socket.subscribe("/news/all", "200")
        assert refused["errors"][0]["errorType"] == "MaxSubscriptionsReachedException"
        socket.ask(type="unsubscribe", id="7")
        assert socket.subscribe("/news/all", "200")["type"] == "subscribe_success"


def test_a_client_cannot_publish(hall: Hall, token: str) -> None:
    with Socket(hall.port, token) as socket:
        said = {"channel": "/news/all", "events": ['{"x": 1}']}
        refused = socket.ask(type="publish", id="p", **said)
        assert refused["type"] == "publish_error"
        assert refused["errors"][0]["errorType"] == "UnauthorizedException"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (handshake("chat"), 400),
        (handshake(), 400),
        (handshake(PROTOCOL, "header-%%%"), 400),
        (handshake(PROTOCOL, "header-"), 400),
        (handshake(PROTOCOL, "header-W10"), 400),
        (handshake(PROTOCOL, header(Authorization="a"), header(Authorization="b")), 400),
        (handshake(PROTOCOL, "header-" + "A" * 11_000), 431),
        (handshake(PROTOCOL, sec_websocket_version="8"), 426),
        (handshake(PROTOCOL, sec_websocket_key="short"), 400),
        (handshake(PROTOCOL, sec_websocket_key=""), 400),
        (handshake(PROTOCOL, connection="keep-alive"), 400),
        (handshake(PROTOCOL, path="/_skylift/channels/event"), 404),
        (handshake(PROTOCOL, path="/nowhere"), 404),
        (handshake(PROTOCOL).replace(b"GET", b"POST"), 400),
        (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" + handshake(PROTOCOL), 200),
    ],
)
def test_no_other_handshake_is_one(hall: Hall, sent: bytes, status: int) -> None:
    with pytest.raises(Refused) as refused:
        Socket(hall.port, sent=sent)
    assert refused.value.status == status


def test_the_server_goes_away_with_a_word(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    with hall.served, Socket(hall.port) as socket:
        socket.subscribe("/news/all")
        hall.served.process.terminate()
        assert socket.end().code == 1001
        hall.served.ended()
