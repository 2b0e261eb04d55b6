"""What a bundle holds: the modules a function's entry reaches by its imports, whatever they look
like, and the distributions those need.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import skylift
from skylift.aws.deploy.bundle import entry
from skylift.aws.deploy.bundle.cache import Cache
from skylift.aws.deploy.bundle.closure import Closure, closure
from skylift.aws.deploy.bundle.content import data_files
from skylift.aws.deploy.bundle.found import Finder
from skylift.aws.deploy.bundle.source import Sources
from skylift.aws.deploy.target import Target
from skylift.aws.deploy.unit import RELAY, Unit, units
from skylift.graph.model import Graph
from tests.unit.written_app import loaded, written

HERE = Target()
READ = Cache()  # so that skylift itself is read once
ROUTE = """
from skylift import Api
{imports}

api = Api("api")


@api.get("/")
async def root() -> None:
    {body}
"""


def route(imports: str = "", body: str = "pass") -> str:
    return ROUTE.format(imports=imports, body=body)


def closed(graph: Graph, unit: Unit | None = None, target: Target = HERE) -> Closure:
    """That of the app's first function, unless told."""
    sources = Sources(Finder(), target, READ)
    return closure(entry.written(unit or units(graph)[0], graph), sources, target)


@contextmanager
def app(folder: Path, things: str, **more: str) -> Iterator[tuple[Graph, str]]:
    """Its graph and its package; the modules `more` exist, and the app does not hold them."""
    home = written(folder, things)
    for name, text in more.items():
        place = home / f"{name}.py"
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, "utf-8")
    with loaded(home) as graph:
        yield graph, home.name


def own(found: Closure, package: str) -> set[str]:
    """The app's modules, without the name of its package."""
    names = {one.name for one in found.modules.values() if one.origin == "own"}
    return {name.removeprefix(f"{package}.") for name in names} - {package}


def reasons(found: Closure) -> list[str]:
    return [f"{Path(one.place).name} {one.reason}" for one in found.mistakes]


# -- modules of the app


def test_only_what_a_function_reaches_is_in_its_bundle(tmp_path: Path) -> None:
    with app(tmp_path, route("from . import model"), model="", unused="") as (graph, package):
        assert own(closed(graph), package) == {"things", "model"}


def test_every_form_of_import_is_followed(tmp_path: Path) -> None:
    body = "from .late import x; import importlib; importlib.import_module('.named', __package__)"
    imports = "from . import one\nfrom .two import x\nfrom .three import *\nimport {0}.four as y"
    things = route(imports.replace("{0}", "PACKAGE"), body)
    modules = dict.fromkeys(["one", "two", "three", "four", "late"], "x = 1")
    home = written(tmp_path, "")
    (home / "things.py").write_text(things.replace("PACKAGE", home.name), "utf-8")
    for name, text in {**modules, "named": ""}.items():
        (home / f"{name}.py").write_text(text, "utf-8")
    with loaded(home) as graph:
        assert own(closed(graph), home.name) == {*modules, "named", "things"}


def test_packages_inside_are_followed_with_and_without_init(tmp_path: Path) -> None:
    imports = "from .plain.deep import x\nfrom .full import deep"
    modules = {"plain/deep": "x = 1", "full/deep": "", "full/unused": ""}
    modules |= {"full/__init__": "from .beside import y", "full/beside": "y = 1"}
    with app(tmp_path, route(imports), **modules) as (graph, package):
        found = own(closed(graph), package)
    assert found == {"things", "plain", "plain.deep", "full", "full.deep", "full.beside"}


def test_a_star_takes_the_modules_that_all_names(tmp_path: Path) -> None:
    modules = {"full/__init__": "__all__ = ['deep']", "full/deep": "", "full/other": ""}
    with app(tmp_path, route("from .full import *"), **modules) as (graph, package):
        assert own(closed(graph), package) == {"things", "full", "full.deep"}


def test_imports_for_types_alone_are_left_out(tmp_path: Path) -> None:
    imports = (
        "import typing\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from . import a\nelse:\n    from . import b\n"
        "if typing.TYPE_CHECKING:\n    from . import a\n"
        "if not TYPE_CHECKING:\n    from . import c\n"
    )
    with app(tmp_path, route(imports), a="", b="", c="") as (graph, package):
        assert own(closed(graph), package) == {"things", "b", "c"}


def test_branches_that_the_target_never_takes_are_left_out(tmp_path: Path) -> None:
    imports = (
        "import sys\n"
        "if sys.version_info >= (3, 12):\n    from . import new\n"
        "else:\n    from . import old\n"
        "if sys.platform == 'win32':\n    from . import windows\n"
    )
    with app(tmp_path, route(imports), new="", old="", windows="") as (graph, package):
        assert own(closed(graph, target=Target("3.11")), package) == {"things", "old"}
        assert own(closed(graph, target=Target("3.12")), package) == {"things", "new"}


def test_what_stands_beside_the_app_on_the_path_comes_too(tmp_path: Path) -> None:
    (tmp_path / "shared_words.py").write_text("def counted(): ...", "utf-8")
    with app(tmp_path, route(body="import shared_words")) as (graph, package):
        assert own(closed(graph), package) == {"things", "shared_words"}


def test_a_lazy_package_of_the_author_leads_to_the_homes_of_its_names(tmp_path: Path) -> None:
    init = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .here import near\n"
        "    from .there import far\ndef __getattr__(name): ..."
    )
    modules = {"lazy/__init__": init, "lazy/here": "near = 1", "lazy/there": "far = 1"}
    body = "from .lazy import near"
    with app(tmp_path, route(body=body), **modules) as (graph, package):
        assert own(closed(graph), package) == {"things", "lazy", "lazy.here"}


# -- skylift itself


def test_of_skylift_only_what_is_reached_is_deployed(tmp_path: Path) -> None:
    with app(tmp_path, route()) as (graph, _):
        found = closed(graph)
    names = {name for name in found.modules if name.startswith("skylift")}
    assert "skylift.aws.runtime.lambda_http" in names
    assert "skylift.aws.runtime.lambda_queue" not in names  # the entry of another kind
    local = ("app", "cli", "graph", "grants", "local", "aws.deploy", "testing", "telemetry")
    assert [
        one for one in names if one.startswith(tuple(f"skylift.{part}" for part in local))
    ] == []
    assert set(found.distributions) == {"msgspec"}


# The homes of public names, which are told otherwise; msgspec's own; the standard library's.
COMPUTED = {"skylift", "skylift.aws.runtime.lean", "skylift.digest"}


def test_the_runtime_imports_nothing_that_only_a_run_could_tell(tmp_path: Path) -> None:
    sources = Sources(Finder(), HERE, READ)
    with app(tmp_path, route()) as (graph, _):
        reached = [
            one
            for unit in (*units(graph), RELAY)
            for one in closed(graph, unit).modules.values()
            if one.origin == "skylift"
        ]
    assert {one.name for one in reached if sources.unseen(one)} <= COMPUTED


def test_every_public_name_leads_to_its_home() -> None:
    sources = Sources(Finder(), HERE, READ)
    names = [str(name) for name in skylift.__all__]
    imports = "".join(f"from skylift import {name}\n" for name in names)
    for name, one in zip(names, sources.of_text("things", imports.encode()), strict=True):
        home = getattr(skylift, name).__module__
        assert one.found[-1].name in (home, home.split(".")[0]), name


def test_our_own_functions_hold_nothing_of_the_author(tmp_path: Path) -> None:
    with app(tmp_path, route("import json")) as (graph, package):
        (default,) = [one for one in units(graph) if one.kind == "default"]
        assert own(closed(graph, default), package) == set()
        assert own(closed(graph, RELAY), package) == set()


# -- distributions


def test_a_distribution_comes_with_what_it_requires_on_the_target(tmp_path: Path) -> None:
    with app(tmp_path, route("import jsonschema")) as (graph, _):
        found = closed(graph)
    assert {"jsonschema", "attrs", "referencing", "rpds-py"} <= set(found.distributions)
    assert "pytest" not in found.distributions
    assert found.chain("attrs")[-2:] == (
        f"{_things(found)}:3 import jsonschema",
        "jsonschema requires attrs",
    )


def _things(found: Closure) -> str:
    (name,) = [name for name in found.modules if name.endswith(".things")]
    return f"{name.replace('.', '/')}.py"


def test_a_module_is_found_in_a_distribution_of_another_name(tmp_path: Path) -> None:
    with app(tmp_path, route("import yaml\nimport dateutil.parser")) as (graph, _):
        assert {"pyyaml", "python-dateutil", "six"} <= set(closed(graph).distributions)


def installed(site: Path, name: str, *files: str, requires: str = "") -> None:
    """A distribution as an installer leaves it."""
    info = f"{name.replace('-', '_')}-1.dist-info"
    said = f"Requires-Dist: {requires}\n" if requires else ""
    contents = dict.fromkeys(files, "") | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n{said}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    contents[f"{info}/RECORD"] = "".join(f"{one},,\n" for one in contents)
    for file, text in contents.items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text(text, "utf-8")


def test_of_a_shared_folder_only_the_distributions_that_are_imported_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    installed(site, "acme-one", "acme/one/__init__.py", requires="Acme.Extra[quick]>=1")
    installed(site, "acme-two", "acme/two/__init__.py")
    quick = "acme-quick; extra == 'quick'"
    installed(site, "acme-extra", "acme_extra.py", requires=quick)
    installed(site, "acme-quick", "acme_quick.py", requires="skylift")
    monkeypatch.syspath_prepend(str(site))
    with app(tmp_path, route(body="from acme import one")) as (graph, _):
        found = closed(graph)
    assert found.mistakes == []
    assert set(found.distributions) == {"acme-one", "acme-extra", "acme-quick", "msgspec"}


def test_what_is_required_and_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    installed(site, "half-there", "half_there.py", requires="other-half")
    monkeypatch.syspath_prepend(str(site))
    with app(tmp_path, route(body="import half_there")) as (graph, _):
        found = closed(graph)
    assert reasons(found) == ["half-there requires other-half, which is not installed"]


def test_one_that_ships_a_pth_is_refused(tmp_path: Path) -> None:
    with app(tmp_path, route(body="import setuptools")) as (graph, _):
        (told,) = closed(graph).mistakes
    assert "ships distutils-precedence.pth, which Lambda never runs" in told.reason
    assert "things.py:10 import setuptools" in told.place


# -- what cannot be found


def test_what_cannot_be_found_is_told_with_file_and_line(tmp_path: Path) -> None:
    with app(tmp_path, route(body="import nowhere.at_all")) as (graph, _):
        found = closed(graph)
    assert reasons(found) == ["things.py:10 nowhere.at_all cannot be found"]
    assert "install it" in found.mistakes[0].remedy


def test_a_name_missing_in_a_folder_without_init_is_told(tmp_path: Path) -> None:
    with app(tmp_path, route(body="from . import absent"), present="") as (graph, package):
        assert reasons(closed(graph)) == [f"things.py:10 {package}.absent cannot be found"]


def test_what_a_module_does_without_may_be_missing(tmp_path: Path) -> None:
    body = (
        "\n    try:\n        import nowhere\n    except (KeyError, ModuleNotFoundError):\n"
        "        import elsewhere\n"
        "    with contextlib.suppress(ImportError):\n        import no_place"
    )
    with app(tmp_path, route("import contextlib", body)) as (graph, _):
        assert closed(graph).mistakes == []


def test_an_import_that_only_a_run_could_tell_is_noted(tmp_path: Path) -> None:
    body = "import importlib; importlib.import_module(str(root))"
    with app(tmp_path, route(body=body)) as (graph, _):
        (note,) = closed(graph).notes
    assert note.endswith("things.py:10 imports what only a run can tell")


def test_a_module_that_is_used_and_not_imported_is_told(tmp_path: Path) -> None:
    things = route("import PACKAGE\nimport urllib, json", "urllib.parse.quote, json.decoder")
    home = written(tmp_path, "", model="x = 1")
    things = things.replace("PACKAGE", home.name) + f"\n\ndef f(): return {home.name}.model.x\n"
    (home / "things.py").write_text(things, "utf-8")
    with loaded(home) as graph:
        found = closed(graph)
    assert reasons(found) == [
        f"things.py:14 uses {home.name}.model, which nothing in its bundle imports"
    ]
    (note,) = found.notes
    assert "things.py:11 uses urllib.parse: write import urllib.parse" in note


# -- event loops


def test_a_function_is_loop_free_until_something_it_reaches_uses_a_loop(tmp_path: Path) -> None:
    with app(tmp_path, route("from . import model"), model="import re") as (graph, _):
        assert not closed(graph).has_loop
    with app(tmp_path, route("from . import model"), model="def f(): import asyncio") as (graph, _):
        assert closed(graph).has_loop


# -- files that are no Python


def test_files_of_reached_packages_come_too_but_for_those_of_the_project(tmp_path: Path) -> None:
    with app(tmp_path, route()) as (graph, package):
        home = tmp_path / package
        names = ["terms.txt", "web/page.html", "web/deep/logo.svg"]
        names += [".env", "README.md", "pyproject.toml", "tests/data.json", "out/old.zip"]
        names += ["other/code.py", "other/table.csv", "venv/pyvenv.cfg", "venv/bin/python"]
        for name in names:
            (home / name).parent.mkdir(exist_ok=True, parents=True)
            (home / name).write_text("", "utf-8")
        module = closed(graph).modules[package]
        found = {one.name for one in data_files(module, frozenset([home / "out"]))}
    assert found == {
        f"{package}/{one}" for one in ("terms.txt", "web/page.html", "web/deep/logo.svg")
    }


def test_a_package_that_is_only_read_is_reached(tmp_path: Path) -> None:
    body = "import importlib.resources; importlib.resources.files('{0}.pages')"
    home = written(tmp_path, "")
    (home / "things.py").write_text(route(body=body.replace("{0}", home.name)), "utf-8")
    (home / "pages").mkdir()
    for name in ("__init__.py", "first.html"):
        (home / "pages" / name).write_text("", "utf-8")
    with loaded(home) as graph:
        package = closed(graph).modules[f"{home.name}.pages"]
        (page,) = data_files(package, frozenset())
    assert page.name == f"{home.name}/pages/first.html"


def test_the_certificates_of_the_runtime_are_such_a_file(tmp_path: Path) -> None:
    with app(tmp_path, route()) as (graph, _):
        module = closed(graph).modules["skylift.aws.runtime"]
    assert [one.name for one in data_files(module, frozenset())] == [
        "skylift/aws/runtime/roots.pem"
    ]
