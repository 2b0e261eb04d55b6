"""What a site answers: files as RFC 9110 has it, pages by name, and nothing else that is on the
machine.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping
from email.parser import BytesParser
from pathlib import Path

import pytest

from skylift import Api, Site
from skylift.http import VIEWER, Answer, Request
from skylift.local.folder import ALL_HELD_BYTES_MAX, HELD_BYTES_MAX, Folder
from skylift.local.site import Answered, SiteAnswer

DIGITS = b"0123456789"
MOMENT = 1_700_000_000
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
EARLIER, LATER = "Tue, 14 Nov 2023 22:13:19 GMT", "Tue, 14 Nov 2023 22:13:21 GMT"
HTML = {"accept": "text/html,*/*;q=0.8"}
SECRET = b"nobody may see this"


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "a" / ".git").mkdir(parents=True)
    (folder / "index.html").write_bytes(b"<p>index")
    (folder / "digits.txt").write_bytes(DIGITS)
    (folder / "empty.txt").write_bytes(b"")
    (folder / "a" / "index.html").write_bytes(b"<p>a")
    (folder / "LICENSE").write_bytes(b"free")
    (folder / "long.js").write_bytes(b"let x = 1;\n" * 500)
    (folder / "large.bin").write_bytes(DIGITS * (HELD_BYTES_MAX // 5))
    for hidden in (tmp_path / "secret", folder / ".env", folder / "a" / ".git" / "config"):
        hidden.write_bytes(SECRET)
    os.utime(folder / "digits.txt", (MOMENT, MOMENT))
    return folder


class Asking:
    """A client of a site whose Api answers each path with it, and a status that it is told."""

    def __init__(self, web: Path, *, spa: bool = True) -> None:
        self.site = Site("web", "web", api=Api("api"), spa=spa)
        self.site.place = f"{web.parent / 'things.py'}:1"
        self._answer = SiteAnswer(self.site, self._api)
        self.asked: list[str] = []
        self.said: Mapping[str, str] = {}  # the headers of the last request to the Api

    async def _api(self, request: Request) -> Answer:
        self.asked.append(request.path)
        self.said = request.headers
        return Answer(int(request.headers.get("wanted", "200")), (), request.path.encode())

    async def get(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Answered:
        return await self._answer.answer(Request(method, path, "", headers or {}, b""))

    async def status(self, path: str, headers: Mapping[str, str] | None = None) -> int:
        return (await self.get(path, headers)).status


async def body(answer: Answered) -> bytes:
    if isinstance(answer, Answer):
        return answer.body
    return b"".join([part async for part in answer.parts()])


def header(answer: Answered, name: str) -> str | None:
    return dict(answer.headers).get(name)


# -- conditions and parts


async def tag_of(site: Asking, path: str = "/digits.txt") -> str:
    return header(await site.get(path), "etag") or ""


CONDITIONS = [
    ({"if-none-match": "TAG"}, 304),
    ({"if-none-match": 'W/TAG, "x"'}, 304),
    ({"if-none-match": "*"}, 304),
    ({"if-none-match": '"x"'}, 200),
    ({"if-none-match": '"x"', "if-modified-since": LATER}, 200),
    ({"if-none-match": ""}, 200),
    ({"if-modified-since": DATE}, 304),
    ({"if-modified-since": LATER}, 304),
    ({"if-modified-since": EARLIER}, 200),
    ({"if-modified-since": "yesterday"}, 200),
    ({"if-match": "TAG"}, 200),
    ({"if-match": "*"}, 200),
    ({"if-match": "W/TAG"}, 412),
    ({"if-match": '"x"'}, 412),
    ({"if-unmodified-since": EARLIER}, 412),
    ({"if-unmodified-since": DATE}, 200),
    ({"if-match": '"x"', "if-none-match": "TAG"}, 412),
    ({"range": "bytes=0-1", "if-none-match": "TAG"}, 304),
]


@pytest.mark.parametrize(("headers", "status"), CONDITIONS)
async def test_a_condition_is_kept(web: Path, headers: dict[str, str], status: int) -> None:
    site = Asking(web)
    tag = await tag_of(site)
    said = {name: value.replace("TAG", tag) for name, value in headers.items()}
    answer = await site.get("/digits.txt", said)
    assert answer.status == status
    if status == 304:
        assert await body(answer) == b""
        assert header(answer, "etag") == tag


RANGES = [
    ("bytes=0-3", 206, "bytes 0-3/10", b"0123"),
    ("bytes=9-", 206, "bytes 9-9/10", b"9"),
    ("bytes=-3", 206, "bytes 7-9/10", b"789"),
    ("bytes=-99", 206, "bytes 0-9/10", DIGITS),
    ("bytes=0-99", 206, "bytes 0-9/10", DIGITS),
    ("Bytes=0-0", 206, "bytes 0-0/10", b"0"),
    ("bytes=10-", 416, "bytes */10", None),
    ("bytes=-0", 416, "bytes */10", None),
    ("bytes=99-100,-0", 416, "bytes */10", None),
    ("bytes=4-99,10-", 206, "bytes 4-9/10", b"456789"),
    ("bytes=3-2", 200, None, DIGITS),
    ("bytes=a-b", 200, None, DIGITS),
    ("bytes=--1", 200, None, DIGITS),
    ("bytes=-", 200, None, DIGITS),
    ("bytes=", 200, None, DIGITS),
    ("bytes", 200, None, DIGITS),
    ("lines=0-3", 200, None, DIGITS),
    ("bytes=" + 30 * "9" + "-", 200, None, DIGITS),
    ("bytes=" + ",".join(17 * ["0-0"]), 200, None, DIGITS),
    ("bytes=0-,0-,0-", 200, None, DIGITS),  # more than there is
]


@pytest.mark.parametrize(("said", "status", "where", "wanted"), RANGES)
async def test_a_range_is_a_part(
    web: Path, said: str, status: int, where: str | None, wanted: bytes | None
) -> None:
    answer = await Asking(web).get("/digits.txt", {"range": said})
    assert (answer.status, header(answer, "content-range")) == (status, where)
    if wanted is not None:
        assert await body(answer) == wanted


@pytest.mark.parametrize("name", ["digits.txt", "large.bin"])
async def test_several_ranges_come_as_parts_of_one_answer(web: Path, name: str) -> None:
    answer = await Asking(web).get(f"/{name}", {"range": "bytes=1-2, -2"})
    assert answer.status == 206
    told, whole = header(answer, "content-type") or "", await body(answer)
    assert header(answer, "content-range") is None
    assert not isinstance(answer, Answer)
    assert answer.length == len(whole)
    parsed = BytesParser().parsebytes(b"Content-Type: " + told.encode() + b"\r\n\r\n" + whole)
    size = (web / name).stat().st_size
    found = [(one["content-range"], one.get_payload()) for one in parsed.walk()][1:]
    assert found == [(f"bytes 1-2/{size}", "12"), (f"bytes {size - 2}-{size - 1}/{size}", "89")]


async def test_a_range_of_what_has_changed_is_all_of_it(web: Path) -> None:
    site = Asking(web)
    tag, asked = await tag_of(site), {"range": "bytes=0-1"}
    assert await site.status("/digits.txt", asked | {"if-range": tag}) == 206
    assert await site.status("/digits.txt", asked | {"if-range": DATE}) == 206
    for other in (f"W/{tag}", '"x"', LATER, "yesterday"):
        assert await site.status("/digits.txt", asked | {"if-range": other}) == 200


async def test_a_head_is_never_a_part(web: Path) -> None:
    answer = await Asking(web).get("/digits.txt", {"range": "bytes=0-1"}, "HEAD")
    assert answer.status == 200


async def test_an_empty_file_is_sound_and_has_no_parts(web: Path) -> None:
    site = Asking(web)
    assert await site.status("/empty.txt") == 200
    for said in ("bytes=0-", "bytes=-1"):
        assert await site.status("/empty.txt", {"range": said}) == 416


# -- what is sent


@pytest.mark.parametrize(
    ("said", "is_packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("x-gzip", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("gzip;q=nonsense", False),
    ],
)
async def test_text_is_packed_for_who_takes_it(web: Path, said: str, is_packed: bool) -> None:
    site, plain = Asking(web), (web / "long.js").read_bytes()
    answer = await site.get("/long.js", {"accept-encoding": said})
    assert (header(answer, "content-encoding") == "gzip") is is_packed
    assert header(answer, "vary") == "accept-encoding"
    sent = await body(answer)
    assert (gzip.decompress(sent) if is_packed else sent) == plain
    tags = {await tag_of(site, "/long.js"), header(answer, "etag")}
    assert len(tags) == 1 + is_packed  # another body, another tag
    asked = {"accept-encoding": said, "if-none-match": header(answer, "etag") or ""}
    assert await site.status("/long.js", asked) == 304


async def test_what_does_not_get_smaller_is_sent_as_it_is(web: Path) -> None:
    site = Asking(web)
    for path in ("/digits.txt", "/large.bin", "/LICENSE"):
        answer = await site.get(path, {"accept-encoding": "gzip"})
        assert header(answer, "content-encoding") is None
        assert header(answer, "vary") is None


async def test_a_large_file_is_read_as_it_is_sent(web: Path) -> None:
    answer = await Asking(web).get("/large.bin")
    assert not isinstance(answer, Answer)
    assert await body(answer) == (web / "large.bin").read_bytes()
    part = await Asking(web).get("/large.bin", {"range": "bytes=600000-600004"})
    assert await body(part) == b"01234"


async def test_a_change_is_seen_at_once_even_within_one_second(web: Path) -> None:
    site, file = Asking(web), web / "digits.txt"
    before = await tag_of(site)
    file.write_bytes(b"9876543210")
    os.utime(file, (MOMENT, MOMENT))
    assert await body(await site.get("/digits.txt")) == b"9876543210"
    assert await tag_of(site) != before
    file.unlink()
    assert await site.status("/digits.txt") == 404


async def test_what_is_kept_in_memory_is_bounded(web: Path) -> None:
    folder = Folder(web)
    for no in range(2 * ALL_HELD_BYTES_MAX // HELD_BYTES_MAX // 8):
        (web / f"{no}.bin").write_bytes(bytes(HELD_BYTES_MAX))
        assert await folder.file(f"{no}.bin")
    assert folder._held <= ALL_HELD_BYTES_MAX  # pyright: ignore[reportPrivateUsage]


async def test_every_answer_of_the_site_is_guarded(web: Path) -> None:
    site = Asking(web)
    for path in ("/", "/digits.txt", "/nothing", "/large.bin", "/%ff"):
        answer = await site.get(path)
        assert "default-src 'self'" in (header(answer, "content-security-policy") or "")
        assert header(answer, "x-content-type-options") == "nosniff"
        assert header(answer, "referrer-policy")
        assert header(answer, "strict-transport-security") is None


# -- which page


async def test_a_page_that_is_no_file_is_the_index(web: Path) -> None:
    site = Asking(web)
    for path in ("/", "/rooms", "/rooms/7", "/a/", "/rooms/"):
        assert await body(await site.get(path, HTML)) == b"<p>index"
    for path in ("/rooms.js", "/x/y.html", "/assets/none.css", "/.well-known/x", "/.env"):
        assert await site.status(path, HTML) == 404
    assert await site.status("/rooms") == 404  # it is no page that is asked for
    assert await site.status("/rooms", {"accept": "application/json"}) == 404
    assert await body(await site.get("/LICENSE")) == b"free"
    assert await body(await site.get("/")) == b"<p>index"


async def test_without_spa_each_page_is_a_file(web: Path) -> None:
    site = Asking(web, spa=False)
    assert await body(await site.get("/a/", HTML)) == b"<p>a"
    for path in ("/rooms", "/a", "/rooms/"):
        assert await site.status(path, HTML) == 404


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 429, 500, 503])
async def test_an_error_of_the_api_is_never_a_page(web: Path, status: int) -> None:
    answer = await Asking(web).get("/api/rooms", HTML | {"wanted": str(status)})
    assert (answer.status, await body(answer)) == (status, b"/rooms")


async def test_the_api_has_its_own_paths(web: Path) -> None:
    site = Asking(web)
    paths = ("/api", "/api/", "/api/x", "/api/api/x", "/api//x", "/_skylift/health", "/_skylift")
    for path in paths:
        assert (await site.get(path, method="POST")).status == 200
    assert site.asked == ["/", "/", "/x", "/api/x", "//x", "/_skylift/health", "/_skylift"]
    for path in ("/apix", "/%61pi/x", "/ap%69", "/api%2fx", "/_skyliftx", "/%5fskylift/x"):
        assert await site.status(path) == 404
    assert len(site.asked) == len(paths)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_a_file_is_only_read(web: Path, method: str) -> None:
    answer = await Asking(web).get("/digits.txt", method=method)
    assert (answer.status, header(answer, "allow")) == (405, "GET, HEAD")


# -- attacks

ESCAPES = [
    *("/../secret", "/a/../../secret", "/..%2fsecret", "/%2e%2e/secret", "/%2e%2e%2fsecret"),
    *("/..%5csecret", "/..\\secret", "/%252e%252e/secret", "/....//secret", "/.%2e/secret"),
    *("//secret", "/%2fsecret", "/a/..%00/secret", "/index.html%00.js", "/\0", "/%00"),
    *("/.env", "/%2eenv", "/a/.git/config", "/a/%2egit/config", "/.env/", "/.env%20", "/.env."),
    *("/secret", "/web/../secret", "/file:///secret", "/c:/secret", "/C%3a%5csecret", "/nul"),
    *("/%c0%ae%c0%ae/secret", "/%ff", "/..;/secret", "/digits.txt/", "/digits.txt/x", "/a"),
    *("/digits.txt::$DATA", "/digits.txt%20", "/digits.txt.", "/DIGITS~1.TXT", "/" + 5000 * "a"),
]


@pytest.mark.parametrize("path", ESCAPES)
async def test_nothing_but_the_folder_is_served(web: Path, path: str) -> None:
    site = Asking(web)
    assert await site.status(path) == 404
    answer = await site.get(path, HTML)
    assert answer.status == 404 or await body(answer) == b"<p>index"
    assert not site.asked


async def test_a_link_leads_nowhere_outside(web: Path) -> None:
    site, link = Asking(web), web / "link.txt"
    link.symlink_to(web / "digits.txt")
    assert await site.status("/link.txt") == 200
    link.unlink()
    link.symlink_to(web.parent / "secret")
    (web / "out").symlink_to(web.parent)
    (web / "loop").symlink_to(web / "loop")
    for path in ("/link.txt", "/out/secret", "/out/web/digits.txt", "/loop"):
        answer = await site.get(path)
        assert answer.status == (200 if path == "/out/web/digits.txt" else 404)
        assert await body(answer) != SECRET


async def test_what_is_no_file_is_not_read(web: Path) -> None:
    site = Asking(web)
    os.mkfifo(web / "pipe.txt")
    (web / "shut.txt").write_bytes(SECRET)
    (web / "shut.txt").chmod(0)
    assert await site.status("/pipe.txt") == 404
    if os.geteuid():
        assert await site.status("/shut.txt") == 404


async def test_what_a_client_says_of_its_own_address_reaches_no_handler(web: Path) -> None:
    site = Asking(web)
    await site.get("/api/x", {VIEWER: "192.0.2.1", "accept": "*/*"})
    assert site.said == {"accept": "*/*"}
