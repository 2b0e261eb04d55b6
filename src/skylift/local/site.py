"""A site and its Api on one origin: what is a path of the Api goes there, all else is a file, or
the page that knows what to show. An error of the Api is the Api's own answer, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TypeAlias

from ..errors import BadRequest
from ..graph.folder import name_of
from ..graph.media import NO_SNIFF, REFERRER, kept, policy
from ..graph.model import Graph
from ..http import VIEWER, Answer, Request, unquoted
from ..resources.api import Api
from ..resources.site import API_PREFIX, INDEX, OWN_PREFIX, Site
from .folder import File, Folder, pieces
from .http.conditional import Part, dated, is_another, is_unchanged, parts, takes_gzip
from .http.streamed import Streamed

Headers: TypeAlias = tuple[tuple[str, str], ...]
Answered: TypeAlias = Answer | Streamed
AnswerTo: TypeAlias = Callable[[Request], Awaitable[Answered]]

READING = ("GET", "HEAD")
HALF_ENCODED = re.compile("%(?![0-9A-Fa-f]{2})")  # a % that stands for itself somewhere
UNSOUND = re.compile(r"[\x00-\x1f\x7f\\]")
PLAIN = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))


def served(graph: Graph) -> list[str]:
    """The names of all that has an address: sites, and Apis that are behind none."""
    sites = list(graph.of(Site))
    behind = {one.api.name for one in sites if one.api is not None}
    return [one.name for one in [*sites, *graph.of(Api)] if one.name not in behind]


def with_sites(graph: Graph, answering: Mapping[str, AnswerTo]) -> dict[str, AnswerTo]:
    """What answers for each of these."""
    found = dict(answering)
    for site in graph.of(Site):
        api = answering[site.api.name] if site.api is not None else None
        found[site.name] = SiteAnswer(site, api).answer
    return {name: found[name] for name in served(graph)}


class SiteAnswer:
    """Answers all requests of one origin."""

    def __init__(self, site: Site, api: AnswerTo | None) -> None:
        self._api, self._spa = api, site.spa
        self._folder = Folder(Path(site.directory))
        self._secure: Headers = (
            ("content-security-policy", policy(site.allow)),
            ("referrer-policy", REFERRER),
            NO_SNIFF,
        )

    async def answer(self, request: Request) -> Answered:
        path = request.path
        if self._api is not None:
            if is_under(path, OWN_PREFIX):
                return await self._api(request)
            if is_under(path, API_PREFIX):
                request.path = path[len(API_PREFIX) :] or "/"
                if VIEWER in request.headers:  # of which on AWS no client's own arrives
                    request.headers = {k: v for k, v in request.headers.items() if k != VIEWER}
                return await self._api(request)
        if request.method not in READING:
            return self._said(405, "Method Not Allowed", (("allow", ", ".join(READING)),))
        name = asked_for(request, spa=self._spa)
        file = await self._folder.file(name) if name is not None else None
        return self._said(404, "Not Found") if file is None else self._of_file(request, file)

    def _of_file(self, request: Request, file: File) -> Answered:
        headers, packed = request.headers, file.packed
        is_packed = packed is not None and "range" not in headers and takes_gzip(headers)
        tag = file.packed_tag if is_packed else file.tag
        about: Headers = (("etag", tag), ("last-modified", dated(file.modified)))
        about += (("cache-control", kept(file.path)), *self._secure)
        about += (("vary", "accept-encoding"),) * (packed is not None)
        if is_another(headers, tag, file.modified):
            return self._said(412, "Precondition Failed")
        if is_unchanged(headers, tag, file.modified):
            return Answer(304, about, b"")
        if is_packed and packed is not None:
            coded = (("content-type", file.type), ("content-encoding", "gzip"))
            return Answer(200, coded + about, packed)
        about += (("accept-ranges", "bytes"),)
        wanted = None
        if request.method == "GET":
            wanted = parts(headers, file.size, file.tag, file.modified)
        if wanted == []:
            return self._said(
                416, "Range Not Satisfiable", (("content-range", f"bytes */{file.size}"),)
            )
        if wanted is not None and len(wanted) > 1:
            return several(file, wanted, about)
        about = (("content-type", file.type), *about)
        if wanted is None:
            return sent(file, 200, about, (0, file.size))
        return sent(file, 206, (("content-range", told(wanted[0], file)), *about), wanted[0])

    def _said(self, status: int, text: str, more: Headers = ()) -> Answer:
        return Answer(status, PLAIN + self._secure + more, f"{text}\n".encode())


def is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def asked_for(request: Request, *, spa: bool) -> str | None:
    """The name of a file; None when there can be none.

    The same is decided in front of the bucket on AWS by the path alone, before anybody knows which
    files there are: so a path without an extension is a page.
    """
    if HALF_ENCODED.search(request.path):
        return None
    try:
        path = unquoted(request.path)
    except BadRequest:
        return None
    if is_under(path, API_PREFIX) or is_under(path, OWN_PREFIX):
        return None  # it was written in another way than the Api's
    if path == "/" or (spa and is_page(path, request.headers.get("accept", ""))):
        return INDEX
    return name_of(path if not path.endswith("/") else path + INDEX)


def is_page(path: str, accept: str) -> bool:
    """Somebody navigates to it."""
    *folders, last = path[1:].split("/")
    parts = [*folders, last] if last else folders
    is_sound = all(one and not one.startswith(".") for one in parts) and not UNSOUND.search(path)
    return is_sound and "." not in last and "text/html" in accept


def told(part: Part, file: File) -> str:
    start, end = part
    return f"bytes {start}-{end - 1}/{file.size}"


def sent(file: File, status: int, headers: Headers, part: Part) -> Answered:
    """One part of it, or all."""
    start, end = part
    if file.body is not None:
        return Answer(status, headers, file.body[start:end])
    return Streamed(status, headers, end - start, partial(pieces, file, start, end))


def several(file: File, wanted: Sequence[Part], headers: Headers) -> Streamed:
    """Parts of a file, each under a heading of its own."""
    boundary = file.tag.strip('"')  # a digest of the file, which therefore does not hold it
    heads = [
        f"\r\n--{boundary}\r\ncontent-type: {file.type}\r\n"
        f"content-range: {told(part, file)}\r\n\r\n".encode()
        for part in wanted
    ]
    last = f"\r\n--{boundary}--\r\n".encode()

    async def all_of_them() -> AsyncGenerator[bytes]:
        for head, (start, end) in zip(heads, wanted, strict=True):
            yield head
            if file.body is not None:
                yield file.body[start:end]
                continue
            async with aclosing(pieces(file, start, end)) as reading:
                async for piece in reading:
                    yield piece
        yield last

    size = sum(map(len, heads)) + sum(end - start for start, end in wanted) + len(last)
    type = ("content-type", f"multipart/byteranges; boundary={boundary}")
    return Streamed(206, (type, *headers), size, all_of_them)
