"""Every mistake an author can make in a declaration is told before anything starts: with its place,
what is wrong, and what to write instead.

A case marks the lines its mistakes are told at with `# <-`, and says part of the reason and of the
remedy.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from skylift.cli.main import main
from skylift.errors import DeclarationError, Mistake
from tests.unit import (
    wrong_buses,
    wrong_changes,
    wrong_channels,
    wrong_limits,
    wrong_once,
    wrong_queues,
    wrong_schedules,
    wrong_settings,
    wrong_timers,
    wrong_topics,
    wrong_users,
)
from tests.unit.written_app import loaded, written

HEAD = """\
from __future__ import annotations
import skylift
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from skylift import *

class Item(Struct):
    id: str
    owner: str = ""
    price: float = 0.0
    sold: bool = False
    note: str | None = None
    until: datetime | None = None
    tags: list[str] = []

class New(Struct):
    text: str

class Job(Struct):
    id: str

api = Api("api")
items = Table("items", Item, key="id", indexes={"by_owner": ("owner", "id")}, ttl="until")
jobs = Queue("jobs", Job)
"""


def route(source: str, trigger: str = 'api.get("/x")') -> str:
    """A case that is one handler; told at its decorator."""
    return f"@{trigger}  # <-\nasync def handler{source}"


def ask(condition: str, before: str = "") -> str:
    """A case that is one condition in a handler."""
    lines = [*filter(None, [before]), f"await items.update(id, if_={condition})  # <-"]
    body = "".join(f"\n    {line}" for line in lines)
    return f'@api.post("/x/{{id}}")\nasync def handler(id: str) -> None:{body}'


DERIVED = {
    "a table": ('Table[Item, str]): ...\nbad = Mine("bad", Item, key="id")', "Table"),
    "a queue": ('Queue[Job]): ...\nbad = Mine("bad", Job)', "Queue"),
    "an api": ('Api): ...\nbad = Mine("bad")', "Api"),
    "a timer": ('Timer[Job]): ...\nbad = Mine("bad", Job)', "Timer"),
    "a topic": ('Topic[Job]): ...\nbad = Mine("bad", Job)', "Topic"),
    "a schedule": ('Schedule): ...\nbad = Mine("bad", rate="1 day")', "Schedule"),
}
NAMES = {
    "a space in a name": ('Table("my items", Item, key="id")', "'my items': AWS", "a letter first"),
    "a name too long": (f'Api("{"x" * 49}")', "AWS would refuse it", "1 to 48"),
    "an empty name": ('Api("")', "api name ''", "1 to 48"),
    "a name that is no text": ('Table(5, Item, key="id")', "table name 5", "1 to 48"),
    "a name twice": ('Table("items", Item, key="id")', "the table at ", "unique over all kinds"),
    "a name twice over kinds": ('Api("items")', "the table at ", "unique over all kinds"),
}
TABLES = {
    "an unknown key": ('key="ids"', "key: there is no field 'ids'", "did you mean 'id'?"),
    "an unknown sort key": ('key=("id", "ower")', "no field 'ower'", "did you mean 'owner'?"),
    "an unknown ttl": ('key="id", ttl="untl"', "ttl: there is no field", "did you mean 'until'?"),
    "an unknown index field": (
        'key="id", indexes={"by_note": "notes"}',
        "index 'by_note': there is no field 'notes'",
        "did you mean 'note'?",
    ),
    "three key fields": ('key=("id", "owner", "note")', "key=('id', 'owner', 'note')", "sort"),
    "no key fields": ("key=()", "key=()", "a key is one field, or"),
    "one key field twice": ('key=("id", "id")', "key=('id', 'id')", "a key is one field, or"),
    "a key that is a float": ('key="price"', "price is float", "int or Decimal"),
    "a key that is a bool": ('key="sold"', "sold is bool", "a key is str, int"),
    "a key that is a list": ('key="tags"', "tags is list[str]", "a key is str, int"),
    "a key that may be None": ('key="note"', "note may be None", "always there"),
    "a key that is no text": ('key=("id", 5)', "5 is no field name", "as strings"),
    "an index on a list": (
        'key="id", indexes={"by_tags": "tags"}',
        "index 'by_tags': tags is list[str]",
        "a key is str, int",
    ),
    "an index name too short": ('key="id", indexes={"by": "owner"}', "index name 'by'", "3 to 255"),
    "index names alike": (
        'key="id", indexes={"By_owner": "owner", "by_owner": "id"}',
        "'By_owner' and 'by_owner' differ by case only",
        "rename one",
    ),
    "an odd index name": ('key="id", indexes={"by me": "owner"}', "'by me': AWS", "3 to 255"),
    "an index name that is no text": ('key="id", indexes={5: "owner"}', "name 5", "3 to 255"),
    "too many indexes": (
        'key="id", indexes={f"by_{no}": "owner" for no in range(21)}',
        "21 indexes, DynamoDB has 20",
        "more than one question",
    ),
    "a ttl that is text": ('key="id", ttl="owner"', "ttl: owner is str", "datetime, or seconds"),
    "a ttl that is no text": ('key="id", ttl=5', "ttl=5 is no field name", 'ttl="expires_at"'),
}
ITEMS = {
    "a field of any type": ("what: Any", "Wrong.what: Any cannot be stored", "say what it is"),
    "a field of a type outside": ("what: timedelta", "timedelta cannot be stored", "seconds"),
    "a set of lists": ("what: set[tuple[str]]", "cannot be stored", "a set holds"),
    "None in a list": ("what: list[str | None]", "None cannot stand inside a list", "leave it out"),
    "a field of a class without fields": ("what: Api", "Api cannot be stored", "store what"),
    "a type that is not there": ("what: Nowhere", "'Nowhere' is not defined", "can be stored"),
    "a wrong pattern": (
        'what: Annotated[str, Meta(pattern="[")]',
        "Wrong has a wrong pattern: unterminated",
        "regular expression",
    ),
}
PATHS = {
    "a path without a slash": ('"notes"', "a path starts with /", "write '/notes'"),
    "an empty path": ('""', "a path starts with /", "write '/'"),
    "an empty segment": ('"/a//b"', "an empty segment", "the extra /"),
    "a slash at the end": ('"/a/"', "an empty segment", "the extra /"),
    "text and parameter mixed": ('"/a-{id}"', "mixes text and a parameter", "a whole segment"),
    "an open brace": ('"/{id"', "mixes text and a parameter", "a whole segment"),
    "odd characters": ('"/a b"', "'a b' has characters", "letters, digits"),
    "a parameter without a name": ('"/{}"', "{} is no parameter name", "{name} or {name+}"),
    "a path of Skylift's own": ('"/_skylift/x"', "/_skylift is skylift's own", "another path"),
    "a path that is no text": ("5", "has the path 5", '"/notes/{id}"'),
    "a status too low": ('"/x", status=99', "status=99", "200 to 599"),
    "a status that is text": ('"/x", status="201"', "status='201'", "200 to 599"),
    "a status that is a bool": ('"/x", status=True', "status=True", "200 to 599"),
    "a time-out a gateway has not": ('"/x", timeout_s=31', "timeout_s=31", "do the rest elsewhere"),
}
OPTIONS = {
    "an unknown option": ("timeout=3", "no option 'timeout'", "did you mean 'timeout_s'?"),
    "too little memory": ("memory_mb=64", "whole numbers from 128 to 10,240", "Lambda takes"),
    "memory that is text": ('memory_mb="256"', "memory_mb='256'", "Lambda takes"),
    "memory that is a float": ("memory_mb=256.0", "memory_mb=256.0", "Lambda takes"),
    "no time": ("timeout_s=0", "timeout_s=0, allowed are 0.001 to 900", "at most 900 s"),
    "time that is a bool": ("timeout_s=True", "timeout_s=True", "at most 900 s"),
    "time that is no number": ('timeout_s=float("nan")', "timeout_s=nan", "at most 900 s"),
    "too much time": ("timeout_s=901", "allowed are 0.001 to 900", "at most 900 s"),
    "nothing at once": ("concurrency_max=0", "concurrency_max=0", "1,000 by default"),
    "fewer than none warm": ("warm=-1", "warm=-1", "1,000 by default"),
    "isolate that is text": ('isolate="yes"', "isolate='yes'", "isolate=True"),
    "isolate on what awaits": ("isolate=True", "handler() is `async def`", "into a plain `def`"),
    "a verb as text": ('uses=("items.get",)', "uses= holds 'items.get'", "uses=(notes.get,)"),
    "a verb without tuple": ("uses=items.get", "uses=items.get is no tuple", "with the comma"),
    "a function for a verb": ("uses=(len,)", "no verb of a resource", "uses=(notes.get,)"),
    "a method that is no verb": ("uses=(items.key_of,)", "key_of is no verb", "there is 'check'"),
}
HANDLERS = {
    "no type": (route("(text) -> None: ..."), "'text' has no type", "write `text: str`"),
    "variadic": (route("(**all: str) -> None: ..."), "*args or **kwargs", "name every parameter"),
    "two bodies": (
        route("(one: New, two: Item) -> None: ...", 'api.post("/x")'),
        "more than one body: one, two",
        "into one Struct",
    ),
    "a type that is neither": (
        route("(one: complex) -> None: ..."),
        "complex is neither",
        "Struct",
    ),
    "a type that is not there": (
        route("(one: Nowhere) -> None: ..."),
        "name 'Nowhere' is not defined",
        "import the type",
    ),
    "a path without its parameter": (
        route("() -> None: ...", 'api.get("/x/{id}")'),
        "the path has {id}",
        "add `id: str`",
    ),
    "a path parameter with a default": (
        route('(id: str = "") -> None: ...', 'api.get("/x/{id}")'),
        "a scalar without default",
        "no default",
    ),
    "a parameter twice": (
        route("(id: str) -> None: ...", 'api.get("/{id}/{id}")'),
        "{id} stands twice",
        "its own name",
    ),
    "a rest that is not last": (
        route("(id: str) -> None: ...", 'api.get("/{id+}/x")'),
        "{id+} takes the rest",
        "end the path with it",
    ),
    "a header of many": (
        route('(one: Annotated[list[str], Header("x-one")]) -> None: ...'),
        "a header is a scalar, not list[str]",
        "split it",
    ),
    "a header without a name": (
        route("(one: Annotated[str, Header]) -> None: ..."),
        "Header says no name",
        'Header("x-request-id")',
    ),
    "a header with an odd name": (
        route('(one: Annotated[str, Header("x one")]) -> None: ...'),
        "'x one' is no name of a header",
        "letters, digits and -",
    ),
    "a header whose name is no text": (
        route("(one: Annotated[str, Header(5)]) -> None: ..."),
        "5 is no name of a header",
        "letters, digits and -",
    ),
    "a header in the path": (
        route('(one: Annotated[str, Header("x-one")]) -> None: ...', 'api.get("/{one}")'),
        "stands in the path, and is a header too",
        "another name",
    ),
    "a wrong pattern in a body": (
        'class Wrong(Struct):\n    what: Annotated[str, Meta(pattern="[")]\n'
        + route("(one: Wrong) -> None: ...", 'api.post("/x")'),
        "Wrong cannot be read: unterminated",
        "told apart",
    ),
    "an answer nobody can describe": (
        route("() -> tuple[type[int], Annotated[int, Meta(min_length=3)]]: ..."),
        "cannot be described: Can only set `min_length`",
        "told apart",
    ),
    "by position": (
        route("(text: str, /) -> None: ..."),
        "text by position only",
        "take the / out",
    ),
    "a generator": (route("() -> None: yield"), "handler() yields", "the whole answer"),
    "a lambda": ('handler = api.get("/x")(lambda: None)  # <-', "no name", "with `def`"),
    "a class": ('@api.get("/x")  # <-\nclass handler: ...', "is no function", "written with"),
    "a partial": (
        'handler = api.get("/x")(partial(print))  # <-',
        "is no function",
        "written with",
    ),
    "two triggers": (
        '@api.get("/x")  # <-\n@api.get("/y")\nasync def handler() -> None: ...',
        "handler() has two triggers",
        "a second handler",
    ),
    "a name twice": (
        route("() -> None: ...") + '\n@api.get("/y")\nasync def handler() -> None: ...',
        "handler() is replaced by the one in line",
        "a name of its own",
    ),
    "a trigger below a decorator": (
        'kept = []\n@kept.append  # <-\n@api.get("/x")\nasync def handler() -> None: ...',
        "the module does not hold it",
        "above the other decorators",
    ),
    "a trigger inside a class": (
        'class Kept:\n    @api.get("/x")  # <-\n    async def handler() -> None: ...',
        "the module does not hold it",
        "under a name of the module",
    ),
    "one name for two": (
        "def made(path):\n    @api.get(path)  # <-\n    async def handler() -> None: ...\n"
        '    return handler\none, two = made("/x"), made("/y")',
        "function 'things.handler': the one at ",
        "another name",
    ),
    "isolated where nobody finds it": (
        'def made():\n    @api.get("/x", isolate=True)  # <-\n    def handler() -> None: ...\n'
        "    return handler\none = made()",
        "handler() is imported by its name in a process of its own",
        "at the top of its module",
    ),
    "no path at all": (
        "@api.get  # <-\nasync def handler() -> None: ...",
        "@api.get without a path",
        '@api.get("/path")',
    ),
    "the same path": (
        '@api.get("/x")\nasync def one() -> None: ...\n' + route("() -> None: ..."),
        "matches the same paths as that of ",
        "change one",
    ),
    "the same path with other names": (
        '@api.get("/{a}/{b+}")\nasync def one(a: str, b: str) -> None: ...\n'
        + route("(c: str, d: str) -> None: ...", 'api.get("/{c}/{d+}")'),
        "matches the same paths as that of ",
        "change one",
    ),
    "a body of two Structs": (
        route("(one: New | Item) -> None: ...", 'api.post("/x")'),
        "cannot be read",
        "tag",
    ),
}
CORS = {
    "no Cors": ('["https://a.example"]', "is no Cors", "write cors=Cors(["),
    "an origin that is no list": ('Cors("https://a.example")', "is no list", "origins=[...]"),
    "no origins": ("Cors([])", "there are none", "leave cors= away"),
    "an origin with a path": (
        'Cors(["https://a.example/"])',
        "a.example/' is no origin",
        "scheme://",
    ),
    "an origin in capitals": ('Cors(["https://A.example"])', "'https://A.example'", "lower case"),
    "an origin that is no text": ("Cors([5])", "5", "scheme://"),
    "a header with a space": (
        'Cors(["*"], headers=["x y"])',
        "'x y' is no header name",
        "no spaces",
    ),
    "credentials for all": (
        'Cors(["*"], credentials=True)',
        "with the origin *",
        "name the origin",
    ),
    "credentials with every header": (
        'Cors(["https://a.example"], headers=["*"], credentials=True)',
        "with headers *",
        "name the headers",
    ),
    "an age too high": ('Cors(["*"], max_age_s=86_401)', "max_age_s=86401", "86,400"),
    "an age that is text": ('Cors(["*"], max_age_s="600")', "max_age_s='600'", "86,400"),
}
CONDITIONS = {
    "and": (ask('attr("no") > 1 and attr("no") < 5'), "`and` does not", "(a) & (b)"),
    "or": (ask('attr("no") > 1 or attr("note").missing()'), "`or` does not", "(a) | (b)"),
    "not": (ask('not attr("note").missing()'), "`not` does not negate", "~(condition)"),
    "chained": (ask('1 < attr("no") < 5'), "keeps only its last half", ".between"),
    "is": (ask('attr("note") is None'), "`is` does not make", ".missing()"),
    "in": (ask('attr("owner") in ("a", "b")'), "`in` does not make", ".one_of(a, b)"),
    "in an attribute": (ask('"a" in attr("tags")'), "`in` does not make", ".contains(part)"),
    "without parentheses": (ask('attr("no") > 1 & 2'), "bind tighter", "(a) & (b)"),
    "compared with None": (ask('attr("note") == None'), "None is absence", ".missing()"),
    "asked for its truth": (
        ask('1 if attr("no") == 1 else 2'),
        "no truth value here",
        "if_= or where=",
    ),
    "by a name": (ask("few and few", 'few = attr("no") > 1'), "`and`", "(a) & (b)"),
    "by the package": (ask('not skylift.attr("no").missing()'), "`not`", "~(condition)"),
    "imported inside": (
        ask('not a("no").missing()', "from skylift import attr as a"),
        "`not`",
        "~(condition)",
    ),
}
Case = tuple[str, str, str]  # source, part of the reason, part of the remedy


GROUPS: dict[str, tuple[str, dict[str, Case]]] = {
    "name": ("bad = {}  # <-", NAMES),
    "derived": (
        "class Mine({}  # <-",
        {
            told: (source, f"is a Mine, which derives from {base}", f"declare a {base}, and")
            for told, (source, base) in DERIVED.items()
        },
    ),
    "table": ('bad = Table("bad", Item, {})  # <-', TABLES),
    "item": (
        'class Wrong(Struct):\n    id: str\n    {}\nbad = Table("bad", Wrong, key="id")  # <-',
        ITEMS,
    ),
    "path": (route("() -> None: ...", "api.get({})"), PATHS),
    "option": (route("() -> None: ...", 'api.get("/x", {})'), OPTIONS),
    "handler": ("{}", HANDLERS),
    "cors": ('web = Api("web", cors={})  # <-', CORS),
    "condition": ("{}", CONDITIONS),
    **wrong_queues.GROUPS,
    **wrong_once.GROUPS,
    **wrong_limits.GROUPS,
    **wrong_changes.GROUPS,
    **wrong_schedules.GROUPS,
    **wrong_settings.GROUPS,
    **wrong_timers.GROUPS,
    **wrong_topics.GROUPS,
    **wrong_buses.GROUPS,
    **wrong_users.GROUPS,
    **wrong_channels.GROUPS,
}
CASES: dict[str, Case] = {
    f"{kind}: {told}": (template.replace("{}", source, 1), reason, remedy)
    for kind, (template, group) in GROUPS.items()
    for told, (source, reason, remedy) in group.items()
}


@pytest.fixture(autouse=True)
def path() -> Iterator[None]:
    """What the command line puts on the path for good, it does here for one test."""
    kept = list(sys.path)
    yield
    sys.path[:] = kept


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_with_its_place_a_reason_and_a_remedy(name: str, tmp_path: Path) -> None:
    source, reason, remedy = CASES[name]
    home = written(tmp_path, HEAD + source)
    found = mistakes(home)
    assert [one.place for one in found] == marked(home), found
    assert reason in found[0].reason
    assert remedy in found[0].remedy


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_on_the_command_line_is_exit_code_2_and_no_stack_trace(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, reason, remedy = CASES[name]
    home = written(tmp_path, HEAD + source)
    assert main(["graph", str(home)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert "skylift: 1 mistake in the app" in printed.err
    assert reason in printed.err
    assert remedy in printed.err.partition("hint: ")[2]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = """
        seats = Table("my seats", Item, key="idd")  # <-
        web = Api("items", cors=Cors(["*"], credentials=True))  # <-

        @api.get("/x/{no}", memory=64, uses="all")  # <-
        async def one(id) -> None:
            await items.update("a", if_=attr("no") > 1 and attr("no") < 5)  # <-

        @api.get("x", timeout_s=60)  # <-
        async def two(what: complex) -> None: ...
    """
    home = written(tmp_path, HEAD + dedent(wrong))
    found = mistakes(home)
    assert len(found) == 12
    assert list(dict.fromkeys(one.place for one in found)) == marked(home)
    assert main(["graph", str(home)]) == 2
    told = capsys.readouterr().err
    assert "skylift: 12 mistakes in the app" in told
    assert all(one.reason in told and one.remedy in told for one in found)


def test_routes_beyond_what_a_gateway_takes_are_refused(tmp_path: Path) -> None:
    many = "".join(
        f'@api.get("/r/{no}")\nasync def handler{no}() -> None: ...\n' for no in range(151)
    )
    (found,) = mistakes(written(tmp_path, HEAD + many))
    assert "303 routes, AWS allows 300" in found.reason
    assert "two Apis" in found.remedy


@pytest.mark.parametrize(
    ("app", "reason", "remedy"),
    [
        ('App("Hello", things)', "app name 'Hello': AWS would refuse it", "a letter first"),
        (f'App("{"a" * 33}", things)', "AWS would refuse it", "1 to 32"),
        ("App(5, things)", "app name 5: AWS would refuse it", "1 to 32"),
        ('App("hello")', "was given no modules", "App(name, module, ...)"),
        ('App("hello", "things")', "'things' is no module", "from . import notes"),
    ],
)
def test_a_wrong_app_is_told(app: str, reason: str, remedy: str, tmp_path: Path) -> None:
    home = written(tmp_path, HEAD, app=app)
    (found,) = mistakes(home)
    assert found.place == f"{home / 'app.py'}:4"
    assert reason in found.reason
    assert remedy in found.remedy


ELSEWHERE = "from skylift import *\nclass Item(Struct):\n    id: str\n"


def test_a_route_of_an_api_outside_the_app_is_told(tmp_path: Path) -> None:
    source = "from . import other\n" + route("() -> None: ...", 'other.web.get("/x")')
    home = written(
        tmp_path, source, app='App("written", things)', other=ELSEWHERE + 'web = Api("web")'
    )
    (found,) = mistakes(home)
    assert found.place == f"{home / 'things.py'}:2"
    assert f"api 'web' (declared at {home / 'other.py'}:4) is not in the app" in found.reason
    assert found.remedy == "add its module to App(...)"


WORKING = """
class Job(Struct):
    id: str
jobs = Queue("jobs", Job)
@jobs.consumer
async def work(job: Job) -> None: ...
"""


def test_a_consumer_of_dead_letters_of_a_function_outside_the_app_is_told(tmp_path: Path) -> None:
    source = "from . import other\nfrom skylift import *\n"
    source += (
        "@other.work.dead.consumer\nasync def handler(letter: Dead[other.Job]) -> None:\n"
        "    await other.work.dead.redrive()"
    )
    home = written(tmp_path, source, app='App("written", things)', other=ELSEWHERE + WORKING)
    stray, foreign = mistakes(home)
    assert {stray.place, foreign.place} == {f"{home / 'things.py'}:3"}
    assert f"the function of 'work.dead' (at {home / 'other.py'}:8) is not in" in stray.reason
    assert "handler() uses 'work.dead', which is not in the app" in foreign.reason
    assert stray.remedy == "add its module to App(...)"


def test_dead_letters_have_no_dead_letters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        wrong_queues.buried("").replace("# <-", "") + "\n@handler.dead.consumer\nasync def x(): ..."
    )
    home = written(tmp_path, HEAD + source)
    assert main(["graph", str(home)]) == 2
    assert "'Function' object has no attribute 'dead'" in capsys.readouterr().err


def test_all_mistakes_of_a_queue_are_told_at_once(tmp_path: Path) -> None:
    wrong = """
        bad = Queue("bad name", dict[str, int], fifo=1, lease_s=-1, retention_s=5, dedup=3)  # <-

        @bad.consumer(batch=11.5, attempts_max=0, backoff=1, once=1, once_by=1, warm=-1)  # <-
        async def work(job) -> None: ...

        ordered = Queue("ordered", Job, lease_s=5, fifo=True)  # <-

        @ordered.consumer(batch=11, backoff=Backoff(3, 2), memory_mb=1)  # <-
        async def other(job: Job) -> None:
            await getattr(jobs, job.id)(job)  # <-
    """
    home = written(tmp_path, HEAD + dedent(wrong))
    found = mistakes(home)
    assert list(dict.fromkeys(one.place for one in found)) == marked(home)
    counted = [sum(one.place == place for one in found) for place in marked(home)]
    assert counted == [6, 6, 1, 4, 1]


def test_a_table_outside_the_app_is_told_by_who_uses_it(tmp_path: Path) -> None:
    source = 'from . import other\nfrom skylift import *\napi = Api("api")\n'
    source += (
        '@api.get("/x/{id}")\nasync def handler(id: str) -> None:\n    await other.seats.delete(id)'
    )
    other = ELSEWHERE + 'seats = Table("seats", Item, key="id")'
    home = written(tmp_path, source, app='App("written", things)', other=other)
    (found,) = mistakes(home)
    assert found.place == f"{home / 'things.py'}:4"
    assert "handler() uses 'seats', which is not in the app" in found.reason
    assert "add the module to App(...)" in found.remedy


def test_a_condition_is_read_in_every_module_the_app_uses(tmp_path: Path) -> None:
    source = HEAD + "from . import rules\n"
    rules = "from skylift import attr\n\n\ndef few():\n    return not attr('no').missing()\n"
    home = written(tmp_path, source, app='App("written", things)', rules=rules)
    (found,) = mistakes(home)
    assert found.place == f"{home / 'rules.py'}:5"


def test_sound_declarations_are_not_refused(tmp_path: Path) -> None:
    source = """
        from functools import wraps

        few = attr("no") < 5
        seats = Table("seats", Item, key=("owner", "id"), indexes={"by_note": "note"}, ttl="until")

        def logged(handler):
            @wraps(handler)
            async def inner(*args, **kwargs):
                return await handler(*args, **kwargs)
            return inner

        def unnamed(handler):
            async def inner() -> None: ...
            return inner

        class Shelf:
            async def show(self, id: str, few: bool = False) -> str:
                return id if few and not id else ""

        @api.get("/x/{id}", uses=(items.get, items.scan), timeout_s=30)
        @logged
        async def one(id: str, one: list[int], two: Annotated[str, Header("x-two")] = "") -> None:
            await items.update(id, if_=(few | attr("no").between(7, 9)) & ~attr("note").missing())

        @api.post("/x/{id}", status=204, memory_mb=128)
        def two(id: str, new: New, request: Request, context: Context) -> None: ...

        @api.get("/y")
        @unnamed
        async def three() -> None: ...

        show = api.get("/z/{id}")(Shelf().show)

        if len("never") == 0:
            @api.get("/never")
            async def never() -> None: ...

        web = Api("web", cors=Cors(["https://a.example:8000", "http://localhost"], max_age_s=-1))

        @web.get("/x/{rest+}")
        async def rest(rest: str) -> None: ...
    """
    with loaded(written(tmp_path, HEAD + dedent(source))) as graph:
        names = [node.name for node in graph.functions]
    assert names == [f"things.{name}" for name in ("one", "two", "inner", "show", "rest")]


def test_sound_queues_are_not_refused(tmp_path: Path) -> None:
    source = """
        from dataclasses import dataclass
        from typing import TypedDict

        @dataclass
        class Mail:
            to: str
            lines: list[str]

        class Ship(TypedDict):
            order: str

        unread = Queue("unread", Mail, retention_s=60)
        mails = Queue("mails", Mail, fifo=True, dedup="content", retention_s=1_209_600)
        ships = Queue("ships", Ship, lease_s=900)
        ones = Queue("ones", Job, fifo=True, lease_s=43_200)

        @jobs.consumer
        def plain(job: Job) -> None: ...

        @mails.consumer(batch=10, attempts_max=990, backoff=Backoff(0, 42_300), timeout_s=900)
        async def many(context: Context, batch: list[Delivery[Mail]]) -> None: ...

        @ships.consumer(batch=10_000, concurrency_max=2, once=True, timeout_s=900, warm=1)
        def thread(batch: list[Delivery[Ship]]) -> None: ...

        class Worker:
            async def work(self, job: Job, why: Context) -> None: ...

        work = ones.consumer(concurrency_max=1, backoff=Backoff(0, 0))(Worker().work)

        @plain.dead.consumer
        async def bury(letter: Dead[Job]) -> None: ...

        @thread.dead.consumer(attempts_max=1, backoff=Backoff(1, 2), timeout_s=900)
        def bury_ship(letter: Dead[Ship], context: Context) -> None: ...

        letters = many.dead

        @api.post("/redrive", uses=(plain.dead.purge, mails.send))
        async def redrive() -> int:
            return await letters.redrive()
    """
    with loaded(written(tmp_path, HEAD + dedent(source))) as graph:
        names = [node.name for node in graph.functions]
        kinds = {one.kind for one in graph.resources}
        grants = graph.functions[-1].grants
    assert names == [
        f"things.{name}"
        for name in ["plain", "many", "thread", "work", "bury", "bury_ship", "redrive"]
    ]
    assert kinds == {"api", "table", "queue"}  # dead letters are not declared
    assert grants == {
        ("things.many.dead", "redrive"),
        ("things.plain.dead", "purge"),
        ("mails", "send"),
    }


def test_what_may_run_once_is_no_mistake(tmp_path: Path) -> None:
    with loaded(written(tmp_path, HEAD + wrong_once.SOUND)) as graph:
        assert [node.name for node in graph.functions] == [
            *("things.one", "things.two", "things.three", "things.four")
        ]


def test_sound_schedules_are_not_refused(tmp_path: Path) -> None:
    with loaded(written(tmp_path, HEAD + wrong_schedules.SOUND)) as graph:
        names = [node.name for node in graph.functions]
        takes = [[one.source for one in node.signature.parameters] for node in graph.functions]
    assert names == [f"things.{name}" for name in ("sweep", "report", "check", "work", "bury")]
    assert takes[:4] == [[], ["context"], ["message", "context"], ["context", "message"]]


def test_sound_timers_are_not_refused(tmp_path: Path) -> None:
    with loaded(written(tmp_path, HEAD + wrong_timers.SOUND)) as graph:
        names = [node.name for node in graph.functions]
    assert names == [f"things.{name}" for name in ("close", "reopen", "bury")]


def test_sound_topics_are_not_refused(tmp_path: Path) -> None:
    with loaded(written(tmp_path, HEAD + wrong_topics.SOUND)) as graph:
        names = [node.name for node in graph.functions]
    assert names == [f"things.{name}" for name in ("first", "second", "bury")]


def test_sound_channels_are_not_refused_and_their_guards_have_grants(tmp_path: Path) -> None:
    with loaded(written(tmp_path, HEAD + wrong_channels.SOUND)) as graph:
        grants = {node.name: set(node.grants) for node in graph.functions}
    assert grants == {
        "things.tell": {("live", "publish")},
        "things.may_watch": {("items", "get")},
        "things.anybody": set(),
    }


def test_sound_buses_are_not_refused(tmp_path: Path) -> None:
    with loaded(written(tmp_path, HEAD + wrong_buses.SOUND)) as graph:
        names = [node.name for node in graph.functions]
    assert names == [f"things.{name}" for name in ("first", "second", "third", "bury")]


def test_sound_users_are_not_refused(tmp_path: Path) -> None:
    with loaded(written(tmp_path, HEAD + wrong_users.SOUND)) as graph:
        demands = [node.function.trigger.demand for node in graph.functions]
    told = [(one.users.name, one.is_optional) if one else None for one in demands]
    assert told == [
        *(("members", False), ("others", False), ("members", True), ("members", False)),
        *(("others", True), None),
    ]


def test_what_is_fed_from_outside_the_app_is_a_mistake(tmp_path: Path) -> None:
    source = f"{HEAD}placed = Topic('placed', Item)\npacking = Queue('packing', Item)\n"
    wiring = "from .things import packing, placed\nplaced.feeds(packing)"
    (found,) = mistakes(written(tmp_path, source, wiring=wiring))
    assert found.place.endswith("wiring.py:2")
    assert "feeds() is called in " in found.reason
    assert "which is not in the app" in found.reason


def mistakes(home: Path) -> list[Mistake]:
    with pytest.raises(DeclarationError) as caught, loaded(home):
        pass
    return list(caught.value.mistakes)


def marked(home: Path) -> list[str]:
    """The places a source marks."""
    file = home / "things.py"
    lines = enumerate(file.read_text("utf-8").splitlines(), 1)
    return [f"{file}:{number}" for number, line in lines if line.endswith("# <-")]
