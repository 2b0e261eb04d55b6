"""The roles of whoever sets and cancels timers and takes what is due, taken apart as those of all
others are: `test_permissions.py`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rehearsal.ministack import Ministack
from tests.rehearsal.role import Role, Stage, prove
from tests.rehearsal.test_permissions import ROOT, relayed, staged, streamed
from tests.rehearsal.trial import COUNT, http, logged, polled, queued

HOUR_S = 3_600
EARLY = {
    "due": "2199-01-01T00:00:00.000000Z",
    "skylift": 1,
    "id": "x",
    "type": "CloseRoom",
    "sent_at": "",
    "trace": "",
    "body": {"room": "one"},
}


@pytest.fixture(scope="module")
def rooms(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = staged(guarded, ROOT / "tests" / "apps" / "rooms", tmp_path_factory.mktemp("rooms"))
    item = {"id": {"S": "one"}, "is_stuck": {"BOOL": False}, "times": {"N": "0"}}
    stuck = {**item, "id": {"S": "stuck"}, "is_stuck": {"BOOL": True}}
    for one in (item, stuck):
        stage.deployment.client("dynamodb").put_item(TableName=stage.physical("rooms"), Item=one)
    return stage


def length(role: Role, for_s: float) -> Any:
    return http(role, "PUT", "/rooms/one/length", {"for_s": for_s}, id="one", status=204)


def test_who_sets_and_who_cancels_needs_exactly_what_its_role_allows(rooms: Stage) -> None:
    put_off = Role(rooms, "rooms.put_off")
    # What is near takes the schedule away, the next is a new one, the third replaces it.
    given = [length(put_off, for_s) for for_s in (0, HOUR_S, 2 * HOUR_S)]
    prove(put_off, [*given, logged(put_off)])
    keep = Role(rooms, "rooms.keep_open")
    prove(keep, [http(keep, "DELETE", "/rooms/one/length", id="one", status=204), logged(keep)])


def test_what_takes_what_is_due_needs_exactly_what_its_role_allows(rooms: Stage) -> None:
    close = Role(rooms, "rooms.close")
    trials = [
        queued(close, "closing", {"room": "one"}),
        queued(close, "closing", EARLY, failed=1),
        queued(close, "closing", {"room": "stuck"}, failed=1),
        queued(close, "closing", {"room": "stuck"}, attempt=2),
        queued(close, "closing", {"what": 1}),
        *(polled(close, "closing"), logged(close)),
    ]
    prove(close, trials)


def test_what_redrives_to_a_timer_needs_exactly_what_its_role_allows(rooms: Stage) -> None:
    role, url = Role(rooms, "rooms.close_again"), rooms.url("rooms.close.dead")

    def trial() -> str:
        rooms.sqs.purge_queue(QueueUrl=url)
        rooms.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(EARLY))
        return http(role, "POST", "/lost/redrive")()

    def untouched() -> str:
        """What came after the start is there for others at once."""
        role.start_anew(late_s=60)
        found = trial() or ("" if rooms.sqs.receive_message(QueueUrl=url).get("Messages") else "no")
        role.start_anew()
        return found

    prove(role, [logged(role), untouched, trial])


def test_the_relay_of_orders_needs_exactly_what_its_role_allows(rooms: Stage) -> None:
    relay, trials = Role(rooms, "skylift.relay"), list[Any]()
    opening, staying = Role(rooms, "rooms.open_room"), Role(rooms, "rooms.stay")

    def opened(for_s: float) -> str:
        said = {"id": f"room{next(COUNT)}", "for_s": for_s}
        return http(opening, "POST", "/rooms", said, status=201)()

    def stayed() -> str:
        return http(staying, "POST", "/rooms/one/stay", id="one", status=204)()

    for deed in (lambda: opened(0), lambda: opened(HOUR_S), stayed):
        assert not deed()
        trials.append(relayed(relay))
    # An order that is relayed twice replaces what it has set itself.
    prove(relay, [trials[0], trials[1], trials[1], trials[2], streamed(relay), logged(relay)])
    prove(opening, [lambda: opened(HOUR_S), logged(opening)])
    prove(staying, [stayed, logged(staying)])
