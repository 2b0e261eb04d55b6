"""Mistakes in a site, which names in its folder are its files, and how long they are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from skylift.errors import DeclarationError
from skylift.graph.document import document
from skylift.graph.folder import name_of, names_of, wrong_name
from skylift.graph.media import ASK, KEEP, kept, policy, type_of
from skylift.graph.mermaid import mermaid
from skylift.graph.svg import svg
from skylift.graph.text import text
from tests.unit.written_app import loaded, written

HEAD = 'from skylift import Api, Site\napi = Api("api")\n'
WRONG = {
    "no folder": ('Site("web", "wbe")', "there is no folder 'wbe'", "did you mean 'web'?"),
    "no index": ('Site("web", "empty")', "there is no index.html in 'empty'", "write one"),
    "an absolute folder": ('Site("web", "/tmp")', "'/tmp' is no folder beside", "beside this"),
    "no text": ('Site("web", None)', "None is no folder", "beside this module"),
    "its own module": ('Site("web", ".")', "holds Python code", "a folder of their own"),
    "no Api": ('Site("web", "web", api="api")', "api='api' is no Api", "write api=api"),
    "spa": ('Site("web", "web", spa="yes")', "spa='yes'", "True or False"),
    "allow no dict": ('Site("web", "web", allow=["img-src"])', "is no dict", "write allow="),
    "no directive": (
        'Site("web", "web", allow={"image-src": ["https://a.b"]})',
        "there is no 'image-src'",
        "did you mean",
    ),
    "one text": (
        'Site("web", "web", allow={"img-src": "https://a.b"})',
        "'https://a.b' is no list",
        '"img-src": [...]',
    ),
    "two directives in one": (
        'Site("web", "web", allow={"img-src": ["https://a.b; script-src *"]})',
        "is no source of img-src",
        "https://host",
    ),
    "everything": ('Site("web", "web", allow={"img-src": ["*"]})', "'*' is no source", "https://"),
    "too much": (
        'Site("web", "web", allow={"img-src": ["https://" + 1_100 * "a"]})',
        "allow has 1,108 bytes",
        "a host",
    ),
    "taken names": ('Site("web", "taken", api=api)', "'api' in 'taken' would never", "rename"),
    "odd names": ('Site("web", "odd")', "'nul.txt': not every machine", "rename it"),
}


def app(folder: Path, source: str) -> Path:
    home = written(folder, HEAD + source)
    for name in ("web", "empty", "taken", "odd", "odd/.git"):
        (home / name).mkdir()
    for name in ("web/index.html", "taken/index.html", "taken/api", "odd/index.html"):
        (home / name).write_text("<p>Here", "utf-8")
    for name in ("odd/nul.txt", "odd/.env", "odd/.git/config"):
        (home / name).write_text("x", "utf-8")
    return home


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_in_a_site_is_told_at_its_declaration(case: str, tmp_path: Path) -> None:
    source, reason, remedy = WRONG[case]
    with pytest.raises(DeclarationError) as raised, loaded(app(tmp_path, f"web = {source}")):
        pass
    (mistake,) = raised.value.mistakes
    assert mistake.place.endswith("things.py:3")
    assert reason in mistake.reason
    assert remedy in mistake.remedy


def test_an_api_that_the_app_does_not_hold_is_a_mistake(tmp_path: Path) -> None:
    source = 'del api\nweb = Site("web", "web", api=Api("other"))'
    with pytest.raises(DeclarationError, match="is not in the app"), loaded(app(tmp_path, source)):
        pass


def test_a_site_stands_in_every_drawing(tmp_path: Path) -> None:
    source = 'web = Site("web", "web", api=api, allow={"img-src": ["https://pictures.example"]})'
    with loaded(app(tmp_path, source)) as graph:
        said = document(graph, seen_from=tmp_path)
    site = next(one for one in said["resources"] if one["kind"] == "site")
    assert (site["folder"], site["api"], site["spa"]) == ("web", "api", True)
    assert "web/ at /; api at /api; SPA" in text(said)
    assert '-->|"/api"|' in mermaid(said)
    assert "web/ at /" in svg(said)


# -- the folder


def test_what_is_hidden_or_leads_out_is_no_file_of_the_site(tmp_path: Path) -> None:
    web, outside = tmp_path / "web", tmp_path / "outside"
    for folder in (web / "a", web / ".git", web / ".well-known", outside):
        folder.mkdir(parents=True)
    for file in ("index.html", "a/b.js", ".env", ".git/config", ".well-known/x", "a/.hidden"):
        (web / file).write_text("x", "utf-8")
    (outside / "secret").write_text("x", "utf-8")
    (web / "in.js").symlink_to(web / "a" / "b.js")
    (web / "out.js").symlink_to(outside / "secret")
    (web / "all").symlink_to(outside)
    assert {*names_of(web)} == {".well-known/x", "a/b.js", "in.js", "index.html"}


@pytest.mark.parametrize(
    "path",
    [
        *("/..", "/../x", "/a/../x", "/a/./x", "//x", "/a//x", "/", "/a/"),
        *("/.env", "/a/.git/config", "/.well-knownx", "/a/.well-known/x"),
        *("/a\\b", "/a\0b", "/a\nb", "/c:/x", "/con", "/NUL.txt", "/a/com1.js", "/x.", "/x "),
        *("/a*", "/a?", "/a|b", "/<a>", '/a"', "/" + 256 * "x", "/" + 300 * "abc/" + "x"),
    ],
)
def test_a_path_that_no_file_can_have_asks_for_none(path: str) -> None:
    assert name_of(path) is None


def test_any_other_path_is_a_name() -> None:
    for name in ("a", "a/b.c", "häuser/ñ.svg", ".well-known/security.txt", "a b.png", "...a"[3:]):
        assert name_of(f"/{name}") == name
        assert wrong_name(name) == ""


# -- how long, as what, with which policy


@pytest.mark.parametrize(
    "name",
    [
        *("main.3f2a1b9c.js", "index-BdQ3k2Lr.js", "look-4f9a01c2.css", "a/b.0a1b2c3d4e5f.woff2"),
        "chunk-Xy_3-aBc.js.map",
    ],
)
def test_a_name_made_of_the_content_is_kept_for_good(name: str) -> None:
    assert kept(name) == KEEP


@pytest.mark.parametrize(
    "name",
    [
        *("index.html", "app.js", "report-20241130.pdf", "my-component.js", "jquery-3.7.1.js"),
        *(
            "font-semibold.woff2",
            "a.deadbeef.js",
            "x-UPPER123.js",
            "photo-lower123.png",
            "v1234567",
        ),
    ],
)
def test_any_other_name_is_asked_for_again(name: str) -> None:
    assert kept(name) == ASK


def test_a_type_follows_from_the_name_and_from_no_machine() -> None:
    assert type_of("a/b.JS") == "text/javascript; charset=utf-8"
    assert type_of("x.woff2") == "font/woff2"
    assert type_of("noextension") == type_of("a.unheard") == "application/octet-stream"


def test_a_policy_knows_one_origin_and_what_is_allowed_beside_it() -> None:
    assert policy({}).startswith("default-src 'self'; ")
    assert "unsafe" not in policy({})
    widened = policy({"img-src": ["https://a.b", "data:"], "frame-ancestors": ["https://c.d"]})
    assert "; img-src 'self' https://a.b data:" in widened
    assert "; frame-ancestors https://c.d;" in widened
