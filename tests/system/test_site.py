"""A site over real sockets: what is large comes as it is read, in its turn, and holds up nobody."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from tests.served import HTTP, Served

LOUNGE = Path(__file__).parents[1] / "apps" / "lounge"
LARGE = bytes(range(256)) * 4 * 1024 * 20  # 20 MiB: no Lambda could answer it


@pytest.fixture
def app(tmp_path: Path) -> Path:
    home = tmp_path / "lounge"
    shutil.copytree(LOUNGE, home)
    (home / "web" / "large.bin").write_bytes(LARGE)
    return home


@pytest.fixture
def served(app: Path, tmp_path: Path) -> Iterator[Served]:
    with Served(app, tmp_path / "state") as found:
        yield found


def url(served: Served, path: str) -> str:
    return f"http://127.0.0.1:{served.port}{path}"


def connected(served: Served, *requests: str) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", served.port), timeout=20)
    for request in requests:
        found.sendall(f"{request} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    return found


def read(connection: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (data := connection.recv(65_536)):
        found += data
    return bytes(found)


def test_a_page_and_its_api_are_one_origin(served: Served) -> None:
    with httpx.Client(base_url=url(served, "")) as client:
        assert "<title>Lounge" in client.get("/").text
        assert client.post("/api/guests", json={"name": "Ann", "seat": 3}).status_code == 201
        assert client.get("/api/guests/Ann").json() == {"name": "Ann", "seat": 3}
        missing = client.get("/api/guests/Bob", headers={"accept": "text/html"})
        assert (missing.status_code, missing.json()["detail"]) == (404, "Bob is not here")
        assert client.get("/_skylift/health").json() == {"status": "ok"}
        packed = client.get("/assets/lounge.js", headers={"accept-encoding": "gzip"})
        assert packed.text == (LOUNGE / "web/assets/lounge.js").read_text("utf-8")


def test_an_api_is_described_by_the_paths_it_has_at_this_origin(served: Served) -> None:
    with httpx.Client(base_url=url(served, "")) as client:
        document = client.get("/_skylift/openapi.json").json()
        (server,) = document["servers"]
        for path, methods in document["paths"].items():
            asked = server["url"] + path.replace("{name}", "Ann")
            for method in methods:
                answer = client.request(method, asked, json={"name": "Ann", "seat": 3})
                assert answer.status_code in (200, 201), (method, asked)
                assert answer.headers["content-type"] == "application/json"
        page = client.get("/_skylift/").text
        assert '"$URL/api/guests"' in page.replace("&quot;", '"')


def test_a_large_file_comes_whole_and_in_parts_and_as_a_head(served: Served) -> None:
    assert HTTP.get(url(served, "/large.bin")).content == LARGE
    part = HTTP.get(url(served, "/large.bin"), headers={"range": "bytes=5000000-15000000"})
    assert (part.status_code, part.content) == (206, LARGE[5_000_000:15_000_001])
    head = HTTP.head(url(served, "/large.bin"))
    assert (head.headers["content-length"], head.content) == (str(len(LARGE)), b"")


def test_answers_come_in_the_order_of_their_requests(served: Served) -> None:
    paths = ("/api", "/large.bin", "/assets/chair.svg", "/large.bin", "/api")
    with connected(served, *(f"GET {path}" for path in paths)) as connection:
        connection.shutdown(socket.SHUT_WR)
        told = read(connection, 3 * len(LARGE))
    assert told.count(b"HTTP/1.1 200 OK") == 5
    types = [line for line in told.split(b"\r\n") if line.startswith(b"content-type")]
    json, large, svg = (f"content-type: {one}".encode() for one in TYPES)
    assert types == [json, large, svg, large, json]


TYPES = ("application/json", "application/octet-stream", "image/svg+xml")


def test_a_client_that_does_not_read_holds_up_nobody(served: Served) -> None:
    slow = [connected(served, "GET /large.bin") for _ in range(20)]
    try:
        for connection in slow:
            connection.recv(1_000)
        began = monotonic()
        for _ in range(20):
            assert HTTP.get(url(served, "/api")).status_code == 200
        assert monotonic() - began < 5
        held = Path(f"/proc/{served.process.pid}/status").read_text("utf-8")
        resident = next(line for line in held.splitlines() if line.startswith("VmRSS"))
        assert int(resident.split()[1]) < 200_000  # and not twenty times the file
    finally:
        for connection in slow:
            connection.close()
    assert HTTP.get(url(served, "/large.bin")).content == LARGE


def test_a_file_that_shrinks_while_it_is_sent_is_seen_to_be_broken_off(
    served: Served, app: Path
) -> None:
    with connected(served, "GET /large.bin") as connection:
        connection.recv(1_000)
        with (app / "web" / "large.bin").open("r+b") as opened:
            opened.truncate(1_000_000)
        try:
            told = read(connection, 2 * len(LARGE))
        except ConnectionResetError:
            told = b""
    assert len(told) < len(LARGE)
    assert HTTP.get(url(served, "/large.bin")).content == LARGE[:1_000_000]


def test_a_stop_lets_a_large_file_come_to_its_end(served: Served) -> None:
    with connected(served, "GET /large.bin") as connection:
        begin = connection.recv(1_000)
        served.process.terminate()
        rest = read(connection, 2 * len(LARGE))
    assert begin.startswith(b"HTTP/1.1 200 OK")
    assert (begin + rest).endswith(LARGE)
    assert served.ended() == 0


def test_an_edit_of_a_page_is_seen_without_a_reload(served: Served, app: Path) -> None:
    assert "Nobody" in HTTP.get(url(served, "/")).text
    (app / "web" / "index.html").write_text("<p>Changed", "utf-8")
    assert HTTP.get(url(served, "/")).text == "<p>Changed"
    (app / "web" / "new.html").write_text("<p>New", "utf-8")
    assert HTTP.get(url(served, "/new.html")).text == "<p>New"


def test_a_path_that_leads_out_is_refused_as_it_stands_on_the_wire(served: Served) -> None:
    paths = ("/../lounge.py", "/%2e%2e/lounge.py", "/..%5clounge.py", "/assets/../../lounge.py")
    for path in paths:
        with connected(served, f"GET {path}") as connection:
            assert connection.recv(1_000).startswith(b"HTTP/1.1 404 ")
