"""An app with every kind of route, served for real: what its description says is what it does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from msgspec import json
from openapi_spec_validator import validate

from tests.served import Served

HERE = Path(__file__).parent
EVERY = HERE.parent / "apps" / "every"
SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
RUN_S_MAX = 300.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(EVERY, tmp_path_factory.mktemp("every") / "state") as process:
        yield process
        process.terminate()


class Client:
    """One connection, and answers with their bodies read."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[HTTPResponse, Any]:
        said = dict(headers or {})
        if body is not None:
            said.setdefault("content-type", "application/json")
        raw = body if body is None or isinstance(body, bytes) else json.encode(body)
        self._connection.request(method, path, raw, said)
        response = self._connection.getresponse()
        text = response.read()
        is_json = "json" in response.headers.get("content-type", "")
        return response, json.decode(text) if is_json else text


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
    yield Client(connection)
    connection.close()


def test_schemathesis_finds_nothing(served: Served, client: Client, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{served.port}"
    _, document = client.send("GET", "/_skylift/openapi.json")
    count = sum(len(methods) for methods in document["paths"].values())
    command = [
        *(SCHEMATHESIS, "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{address}/_skylift/openapi.json", "--url", address, "--no-color"),
        *("--checks", "all", "--seed", "1", "--max-examples", "40", "--workers", "1"),
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=RUN_S_MAX)
    assert run.returncode == 0, run.stdout[-20_000:]
    assert f"Tested: {count}\n" in run.stdout, run.stdout[-2_000:]


def test_an_independent_validator_accepts_the_description(client: Client) -> None:
    response, document = client.send("GET", "/_skylift/openapi.json")
    assert response.status == 200
    validate(document)


def test_the_page_names_every_route(client: Client) -> None:
    _, document = client.send("GET", "/_skylift/openapi.json")
    response, page = client.send("GET", "/_skylift/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    for methods in document["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page.decode()


def test_parameters_and_body_are_told_together_when_they_are_wrong(client: Client) -> None:
    response, told = client.send(
        "PUT", "/bodies/Not-A-Slug/everything?times=-1", {"name": "", "prise": 3}
    )
    assert response.status == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert {(error["in"], error["pointer"]) for error in told["errors"]} == {
        ("path", "slug"),
        ("query", "times"),
        ("body", "/name"),
        ("body", "/prise"),
    }


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/paths/int/1.5", "value"),
        ("/paths/float/nan", "value"),
        ("/paths/bool/TRUE", "value"),
        ("/paths/datetime/1700000000", "value"),
        ("/paths/datetime/2020-01-01T00:00:00", "value"),
        ("/paths/enum/purple", "value"),
        ("/queries/limited?page=101", "page"),
        ("/queries/limited?page=1&page=2", "page"),
        ("/queries/repeated?tags=a&counts=1&counts=x", "counts"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, path: str, pointer: str) -> None:
    response, told = client.send("GET", path)
    assert response.status == 422
    assert [error["pointer"] for error in told["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"name": "\xff"}', 400),
        (b"[" * 100_000, 400),
        (b'{"name": "a", "price": 1e999}', 422),
        (b'{"name": 1, "name": "a"}', 200),
        (b'{"name": "a", "price": 21.0}', 200),
        (b'{"name": "a", "price": 21.5}', 422),
        (b"null", 422),
    ],
)
def test_a_body_is_judged_as_json_has_it(client: Client, body: bytes, status: int) -> None:
    response, _ = client.send("PATCH", "/answers", body)
    assert response.status == status


def test_a_body_of_another_kind_is_refused(client: Client) -> None:
    response, told = client.send("PATCH", "/answers", b"a=1", {"content-type": "text/plain"})
    assert (response.status, told["title"]) == (415, "Unsupported Media Type")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/answers/maybe", 204, None),
        ("GET", "/answers/maybe?there=true", 200, "application/json"),
        ("DELETE", "/answers", 204, None),
        ("GET", "/answers/sync", 200, "application/json"),
        ("GET", "/answers/redirect", 302, None),
        ("GET", "/answers/text", 200, "text/plain; charset=utf-8"),
        ("GET", "/answers/bytes", 200, "application/octet-stream"),
        ("GET", "/answers/custom", 299, "application/json"),
        ("GET", "/failures/missing", 404, "application/problem+json"),
        ("GET", "/failures/gone", 410, "application/problem+json"),
        ("GET", "/failures/own", 402, "application/problem+json"),
        ("GET", "/broken/bug", 500, "application/problem+json"),
        ("GET", "/broken/sync-bug", 500, "application/problem+json"),
        ("GET", "/broken/denied", 500, "application/problem+json"),
        ("GET", "/broken/busy", 503, "application/problem+json"),
        ("GET", "/broken/slow", 503, "application/json"),
        ("PATCH", "/answers/text", 405, "application/problem+json"),
        ("GET", "/nowhere", 404, "application/problem+json"),
    ],
)
def test_each_shape_of_an_answer_arrives(
    client: Client, method: str, path: str, status: int, kind: str | None
) -> None:
    response, _ = client.send(method, path)
    assert (response.status, response.headers.get("content-type")) == (status, kind)


def test_a_bug_says_nothing_of_itself(client: Client) -> None:
    for path in ("/broken/bug", "/broken/denied", "/broken/expired"):
        _, told = client.send("GET", path)
        assert told == {"type": "about:blank", "title": "Internal Server Error", "status": 500}


def test_an_error_carries_what_its_author_added(client: Client) -> None:
    _, told = client.send("GET", "/failures/missing")
    assert told["detail"] == "it is not here"
    assert told["looked_in"] == "everywhere"


def test_an_error_that_says_when_to_come_again_says_it_in_a_header_too(client: Client) -> None:
    response, told = client.send("GET", "/failures/too-many")
    assert (response.status, told["retry_after_s"]) == (429, 3)
    assert response.headers["retry-after"] == "3"


@pytest.mark.parametrize(
    ("body", "answer"),
    [(b"null", (204, b"")), (b"", (204, b"")), (b"[]", (422, None)), (b'{"x": 1}', (422, None))],
)
def test_a_body_that_may_be_none_may_be_null(
    client: Client, body: bytes, answer: tuple[int, bytes | None]
) -> None:
    response, told = client.send("POST", "/bodies/optional", body)
    assert (response.status, told if answer[1] is not None else None) == answer


def test_null_is_none_and_not_the_default(client: Client) -> None:
    assert client.send("POST", "/bodies/preset", b"")[1]["name"] == "preset"
    assert client.send("POST", "/bodies/preset", b"null")[0].status == 204


def test_cookies_and_headers_of_a_response_arrive(client: Client) -> None:
    response, _ = client.send("GET", "/answers/cookies")
    assert response.headers.get_all("set-cookie") == ["a=1; Path=/; HttpOnly", "b=2"]
    response, _ = client.send("GET", "/answers/text")
    assert response.headers["x-kind"] == "text"


def test_a_request_is_seen_as_it_was_sent(client: Client) -> None:
    _, told = client.send("GET", "/answers/request?a=1&a=%C3%A9&b=", headers={"cookie": "c=d; e=f"})
    assert told["query"] == {"a": ["1", "é"], "b": [""]}
    assert told["cookies"] == {"c": "d", "e": "f"}


def test_a_greedy_parameter_takes_the_rest(client: Client) -> None:
    _, told = client.send("GET", "/files/a/b%20c/d.txt")
    assert told == "a/b c/d.txt"


def test_pages_lead_through_a_listing(client: Client) -> None:
    for number in range(1, 8):
        response, _ = client.send("PUT", f"/halls/big/seats/{number}", {"owner": "ann"})
        assert response.status == 200
    for listing in ("/halls/big/seats", "/owners/ann/seats"):
        seen: list[int] = []
        cursor = ""
        for _ in range(4):
            _, page = client.send("GET", f"{listing}?limit=3{cursor}")
            seen += [seat["number"] for seat in page["items"]]
            if page["cursor"] is None:
                break
            cursor = f"&cursor={page['cursor']}"
        assert sorted(seen) == list(range(1, 8))
    response, _ = client.send("GET", "/halls/other/seats?cursor=forged")
    assert response.status == 400


def test_a_seat_is_claimed_once_visited_by_its_owner_and_moved_whole(client: Client) -> None:
    claim, other = {"owner": "bob"}, {"owner": "eve"}
    assert client.send("POST", "/halls/small/seats/1", claim)[0].status == 201
    assert client.send("POST", "/halls/small/seats/1", other)[0].status == 409
    assert client.send("PATCH", "/halls/small/seats/1", claim)[1]["visits"] == 1
    assert client.send("PATCH", "/halls/small/seats/1", other)[0].status == 409
    assert client.send("PATCH", "/halls/small/seats/9", claim)[0].status == 404
    assert client.send("POST", "/halls/small/moves", {"origin": 1, "target": 2})[1]["visits"] == 1
    assert client.send("GET", "/halls/small/seats/1")[0].status == 404
    assert client.send("DELETE", "/halls/small/seats/2")[0].status == 204
