"""The graph as data and as text: what the JSON promises, and columns that need no terminal."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time

from skylift.graph.document import Document, GrantEntry, document
from skylift.graph.mermaid import mermaid
from skylift.graph.text import text
from tests.unit.written_app import CLOCKS, OFFICE, loaded, shop, written

ROOT = Path(__file__).parents[2]
HELLO = ROOT / "apps" / "hello"

# Two Apis, a table with everything, limits, a verb said with uses=, a function without grants.
FULL = """
from skylift import Api, Struct, Table, attr, transaction

class Seat(Struct):
    room: str
    no: int
    owner: str | None = None
    until: int | None = None

api = Api("api")
inner = Api("inner")
seats = Table("seats", Seat, key=("room", "no"), indexes={"by_owner": ("owner", "no")}, ttl="until")
end = Table("end", Seat, key="room")

@api.get("/ping", timeout_s=1.5, memory_mb=1024, concurrency_max=5, warm=2)
async def ping() -> str:
    return "pong"

@inner.put("/at/{room}/{no}", uses=(end.scan,))
async def take(room: str, no: int) -> None:
    await seats.update(room, no, set={"owner": "x"}, if_=attr("owner").missing())
    await end.put(Seat(room, no))
    async with transaction() as tx:
        await end.put(Seat(room, no), tx=tx)
"""


AS_TEXT = """\
written  app.py:4

resources
  api    api    PUBLIC                                         things.py:10
  api    inner  PUBLIC                                         things.py:11
  table  seats  key room, no; by_owner (owner, no); ttl until  things.py:12
  table  end    key room                                       things.py:13

functions
  things.ping  api    GET /ping            1024 MB, 1.5 s, 5 at once, 2 warm  -
  things.take  inner  PUT /at/{room}/{no}  256 MB, 10 s                       end: put, scan; put in a transaction  uses=
                                                                              seats: update

2 functions, 1 with uses="""  # noqa: E501


QUEUES_AS_TEXT = """\
  queue  placing      Order; to things.pack; lease 1 min; kept 4 d
  queue  packing      Parcel, FIFO; to things.ship; lease 6 min; kept 4 d
  queue  mailing      Mail; to things.mail; lease 1 min; kept 4 d
  queue  retrying     Order; to things.again; lease 1 min; kept 4 d
  queue  newsletters  Mail, FIFO; dedup by content; no consumer; kept 4 d
  queue  imports      Order; to things.bring; lease 1 min; kept 4 d""".splitlines()
CONSUMERS_AS_TEXT = """\
  things.pack     placing           batch 10, 3 attempts    256 MB, 10 s  orders: update
                                                                          packing: send
                                                                          retrying: send
  things.ship     packing           5 attempts, once        256 MB, 60 s  mailing: send
                                                                          parcels: create
                                                                          placing: send
  things.mail     mailing           5 attempts              256 MB, 10 s  orders: get
  things.again    retrying          5 attempts, once by id  256 MB, 10 s  orders: get
                                                                          retrying: send
  things.bring    imports           5 attempts              256 MB, 10 s  placing: send
  things.bury     things.pack.dead  5 attempts              256 MB, 10 s  graveyard: put
  things.redrive  desk              POST /dead/pack         256 MB, 10 s  things.mail.dead: redrive
                                                                          things.pack.dead: redrive
"""


def told(home: Path, seen_from: Path) -> Document:
    with loaded(home) as graph:
        return document(graph, seen_from=seen_from)


def reached(name: str, verbs: list[str]) -> GrantEntry:
    """Verbs that are reached outside of transactions only."""
    return GrantEntry(resource=name, verbs=verbs, alone=verbs, together=[])


def test_the_document_of_hello_holds_what_was_promised() -> None:
    graph = told(HELLO, ROOT)
    assert graph["app"] == "hello"
    assert [(one["kind"], one["name"]) for one in graph["resources"]] == [
        ("api", "api"),
        ("table", "notes"),
        ("queue", "counting"),
    ]
    write, _, count = graph["functions"]
    trigger = {name: write["trigger"][name] for name in ("kind", "method", "path")}
    assert write["name"] == "notes.write"
    assert trigger == {"kind": "http", "method": "POST", "path": "/notes"}
    assert write["grants"] == [
        {"resource": "counting", "verbs": ["send"], "alone": [], "together": ["send"]},
        {"resource": "notes", "verbs": ["create"], "alone": [], "together": ["create"]},
    ]
    trigger = {name: count["trigger"][name] for name in ("kind", "queue", "batch", "attempts_max")}
    assert trigger == {"kind": "queue", "queue": "counting", "batch": 1, "attempts_max": 5}
    assert json.loads(json.dumps(graph)) == graph


def test_the_document_holds_limits_triggers_and_what_each_resource_has(tmp_path: Path) -> None:
    graph = told(written(tmp_path, FULL), tmp_path)
    ping, take = graph["functions"]
    assert ping["limits"] == {
        "memory_mb": 1024,
        "timeout_s": 1.5,
        "concurrency_max": 5,
        "warm": 2,
        "isolate": False,
    }
    assert ping["grants"] == []
    assert not ping["uses"]
    assert take["trigger"]["api"] == "inner"
    assert take["grants"] == [
        {
            "resource": "end",
            "verbs": ["put", "scan"],
            "alone": ["put", "scan"],
            "together": ["put"],
        },
        reached("seats", ["update"]),
    ]
    assert take["uses"]
    api, seats = graph["resources"][0], graph["resources"][2]
    assert api["public"]
    assert (seats["item"], seats["key"], seats["ttl"]) == ("Seat", ["room", "no"], "until")
    assert seats["indexes"] == {"by_owner": ["owner", "no"]}


def test_the_document_holds_queues_their_consumers_and_who_takes_dead_letters(
    tmp_path: Path,
) -> None:
    graph = told(written(tmp_path, OFFICE.read_text("utf-8")), tmp_path)
    queues = {one["name"]: one for one in graph["resources"] if one["kind"] == "queue"}
    functions = {one["name"].removeprefix("things."): one for one in graph["functions"]}
    packing = {name: said for name, said in queues["packing"].items() if name != "place"}
    assert packing == {
        "kind": "queue",
        "name": "packing",
        "message": "Parcel",
        "fifo": True,
        "lease_s": 360,  # six times its consumer's time-out
        "retention_s": 345_600,
        "dedup": None,
        "consumer": "things.ship",
    }
    unread = queues["newsletters"]
    assert (unread["lease_s"], unread["dedup"], unread["consumer"]) == (None, "content", None)
    assert functions["pack"]["trigger"] == {
        "kind": "queue",
        "queue": "placing",
        "batch": 10,
        "attempts_max": 3,
        "backoff": {"first_s": 0.5, "max_s": 300},
        "once": False,
        "once_by": None,
    }
    assert functions["again"]["trigger"]["once_by"] == "id"
    assert functions["bury"]["trigger"] == {
        "kind": "dead",
        "dead": "things.pack.dead",
        "attempts_max": 5,
        "backoff": {"first_s": 0.5, "max_s": 300},
    }
    assert reached("things.mail.dead", ["redrive"]) in functions["redrive"]["grants"]
    assert {one["kind"] for one in graph["resources"]} == {"api", "table", "queue"}
    assert json.loads(json.dumps(graph)) == graph


def test_a_lease_that_is_said_stays_as_it_is(tmp_path: Path) -> None:
    source = OFFICE.read_text("utf-8").replace("fifo=True)", "fifo=True, lease_s=90.5)")
    packing = told(written(tmp_path, source), tmp_path)["resources"][6]
    assert (packing["name"], packing["lease_s"]) == ("packing", 90.5)


def test_the_text_says_where_the_messages_of_a_queue_go(tmp_path: Path) -> None:
    home = written(tmp_path, OFFICE.read_text("utf-8"))
    lines = text(told(home, home)).splitlines()
    assert [line.partition(" things.py")[0].rstrip() for line in lines[8:14]] == QUEUES_AS_TEXT
    assert CONSUMERS_AS_TEXT in "\n".join(lines)


def test_in_the_chart_a_queue_is_one_node_and_dead_letters_are_nodes_too(tmp_path: Path) -> None:
    home = written(tmp_path, OFFICE.read_text("utf-8"))
    lines = [line.strip() for line in mermaid(told(home, home)).splitlines()]
    assert [line for line in lines if "r5" in line] == [
        'r5[["placing"]]',
        'f0 -->|"send"| r5',
        'r5 -->|"batch 10, 3 attempts"| f3',
        'f4 -->|"send"| r5',
        'f7 -->|"send"| r5',
    ]
    assert [line for line in lines if "d0" in line] == [
        'd0{{"things.pack.dead"}}',
        'f3 -.->|"dead letters"| d0',
        'd0 -->|"5 attempts"| f8',
        'f9 -->|"redrive"| d0',
    ]


def test_a_schedule_is_told_by_its_times_and_a_function_that_is_started_by_an_arrow(
    tmp_path: Path,
) -> None:
    home = written(tmp_path, CLOCKS)
    graph = told(home, home)
    assert {one["name"]: one for one in graph["resources"]}["nightly"] == {
        "kind": "schedule",
        "name": "nightly",
        "place": "things.py:5",
        "cron": "30 3 * * MON-FRI",
        "rate": None,
        "timezone": "Europe/Madrid",
        "function": "things.sweep",
    }
    assert graph["functions"][0]["trigger"] == {
        "kind": "schedule",
        "schedule": "nightly",
        "attempts_max": 3,
        "once": True,
    }
    shown = text(graph)
    assert "nightly  30 3 * * MON-FRI; Europe/Madrid" in shown
    assert "beat     every 5 minutes" in shown
    lines = [line.strip() for line in mermaid(graph).splitlines()]
    assert r'r1[\"nightly"\]' in lines
    assert 'f1 -->|"start"| f0' in lines


def test_a_place_says_nothing_about_the_machine(tmp_path: Path) -> None:
    home = written(tmp_path, FULL)
    graph = told(home, tmp_path)
    assert graph["place"] == f"{home.name}/app.py:4"
    assert graph["resources"][0]["place"] == f"{home.name}/things.py:10"
    beside = told(home, tmp_path / "elsewhere")
    assert beside["functions"][0]["place"] == f"../{home.name}/things.py:15"
    assert str(tmp_path) not in json.dumps([graph, beside])


def test_the_text_is_aligned_and_counts_what_reading_the_code_did_not_see(tmp_path: Path) -> None:
    home = written(tmp_path, FULL)
    assert text(told(home, home)) == AS_TEXT


def test_an_app_without_anything_is_text_too(tmp_path: Path) -> None:
    home = written(tmp_path, "")
    assert text(told(home, home)).endswith("\n\n0 functions, 0 with uses=")


def test_the_chart_names_nodes_itself_and_quotes_every_label(tmp_path: Path) -> None:
    home = written(tmp_path, FULL)
    lines = mermaid(told(home, home)).splitlines()
    assert lines[0] == "flowchart LR"
    assert '    r3[("end")]' in lines  # `end` alone would be a word of Mermaid's
    assert '    r1 -->|"PUT /at/{room}/{no}"| f1' in lines
    assert '    f1 -->|"put, scan"| r3' in lines
    assert '    r0(["api (PUBLIC)"])' in lines


def test_what_means_something_to_a_chart_is_written_as_an_entity(tmp_path: Path) -> None:
    source = """
        from skylift import Api
        api = Api("api")

        @api.get("/r&d")
        async def read() -> None: ...
    """
    home = written(tmp_path, source)
    assert '    r0 -->|"GET /r#amp;d"| f0' in mermaid(told(home, home)).splitlines()


def test_twice_the_functions_take_about_twice_the_time_to_read(tmp_path: Path) -> None:
    """How long that is in seconds, `python -m bench startup` tells."""
    some, more = (reading_s(tmp_path / str(times), times) for times in (1, 2))
    assert more < 3 * some


def reading_s(folder: Path, times: int) -> float:
    folder.mkdir()
    home = written(folder, shop(times=times))
    took: list[float] = []
    for _ in range(5):  # the best of a few, without what other processes take
        begin = process_time()
        with loaded(home) as graph:
            took.append(process_time() - begin)
        assert len(graph.functions) == 25 * times
    return min(took)
