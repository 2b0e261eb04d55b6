"""A resource has the same stem in every layer: who knows `resources/table.py` finds the rest.

A layer is begun with its first file and complete from then on: a resource declared without its
SQLite adapter, its checks, its contract or its page fails here.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.tidy.source import ROOT, SRC, package

LAYERS = {
    "src/skylift/resources": "{stem}.py",
    "src/skylift/graph": "{stem}.py",
    "src/skylift/local": "{stem}.py",
    "src/skylift/testing/contracts": "{stem}.py",
    "docs/resources": "{stem}.md",
    "src/skylift/aws/runtime": "{stem}_*.py",
    "src/skylift/aws/deploy": "{stem}.py",
    "src/skylift/console/pages": "{stem}.py",
}
BEGUN = [
    "src/skylift/resources",
    "src/skylift/graph",
    "src/skylift/local",
    "src/skylift/testing/contracts",
    "docs/resources",
    "src/skylift/aws/runtime",
    "src/skylift/aws/deploy",
]
# Where a resource's part of a layer is more than a file, or is proved in another way.
ELSEWHERE = {
    ("src/skylift/local", "api"): "src/skylift/local/http/server.py",
    ("src/skylift/aws/runtime", "api"): "src/skylift/aws/runtime/lambda_http.py",
    ("src/skylift/local", "setting"): "src/skylift/engine/setting.py",  # one for both
    ("src/skylift/aws/runtime", "setting"): "src/skylift/engine/setting.py",
    ("src/skylift/aws/runtime", "schedule"): "src/skylift/aws/runtime/lambda_event.py",
    ("src/skylift/testing/contracts", "api"): "tests/apps/every",  # driven by its own OpenAPI
    ("src/skylift/aws/runtime", "site"): "src/skylift/aws/deploy/site.py",  # no function asks it
    # No port: what a browser gets here and at the edge of CloudFront is compared.
    ("src/skylift/testing/contracts", "site"): "tests/deploy/test_site_edge.py",
    ("src/skylift/testing/contracts", "dead"): "src/skylift/testing/contracts/queues/dead.py",
}
# Contracts of what no author declares.
OF_PORTS = {("src/skylift/testing/contracts", stem) for stem in ("ledger", "start")}


def stems() -> list[str]:
    return sorted(
        module.path.stem
        for module in package()
        if module.path.parent == SRC / "resources"
        if any(is_resource(node) for node in module.tree.body)
    )


def is_resource(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef) and "Resource" in map(ast.unparse, node.bases)


def files_of(layer: str, stem: str) -> list[Path]:
    return sorted((ROOT / layer).glob(LAYERS[layer].format(stem=stem)))


def test_the_resources_are_found() -> None:
    assert {"api", "table", "queue", "dead"} <= set(stems())


@pytest.mark.parametrize("layer", BEGUN)
def test_a_begun_layer_holds_every_resource(layer: str) -> None:
    missing = [
        stem for stem in stems() if not files_of(layer, stem) and (layer, stem) not in ELSEWHERE
    ]
    assert not missing, f"{layer} lacks {missing}"


@pytest.mark.parametrize("layer", sorted(set(LAYERS) - set(BEGUN)))
def test_a_layer_with_a_file_has_begun(layer: str) -> None:
    assert not [path for stem in stems() for path in files_of(layer, stem)], "add it to BEGUN"


@pytest.mark.parametrize(("layer", "stem"), ELSEWHERE)
def test_what_stands_elsewhere_stands_there_and_only_there(layer: str, stem: str) -> None:
    assert (ROOT / ELSEWHERE[layer, stem]).exists()
    assert not files_of(layer, stem)


@pytest.mark.parametrize("layer", ["docs/resources", "src/skylift/testing/contracts"])
def test_a_page_or_a_contract_belongs_to_a_resource(layer: str) -> None:
    present = {path.stem for path in (ROOT / layer).glob("*.*")} - {"__init__"}
    further = {stem for other, stem in OF_PORTS if other == layer}
    assert present - set(stems()) == further
