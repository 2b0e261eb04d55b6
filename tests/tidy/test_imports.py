"""Who may import whom. The order is the architecture: a hop against it is a design mistake, even a
lazy one or one for types alone. CONTRIBUTING.md draws it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

import skylift
from tests.tidy.source import Import, Module, apps, imports, package

# Each may import what stands before it, nothing behind.
ORDER = """
    errors digest codec conditions patterns cron user counted ports token invocation http function
    signature resources app grants graph engine
"""
SPINE = ORDER.split()
SIGHTED = {*SPINE} - {"app"}  # below the graph, nothing sees the app itself
MAY: dict[str, set[str]] = {
    **{layer: set(SPINE[:place]) for place, layer in enumerate(SPINE)},
    "engine": SIGHTED - {"engine"},
    "system": {"errors", "ports"},
    "telemetry": set(SPINE),
    "local": SIGHTED,
    "aws": set(),
    "aws.runtime": SIGHTED,
    "aws.deploy": {"errors", "patterns", "resources", "graph"},
    "sim": {*SPINE, "local"},
    "testing": {*SPINE, "local", "sim", "telemetry"},
    "console": {"graph", "ports"},
}
MAY["cli"] = {*MAY, "system"}  # the composition root; nobody imports it
# The places where a running app is put together.
AND_ALSO = {
    "skylift.local.process": {"system", "telemetry"},
    "skylift.aws.runtime.lambda_entry": {"system", "telemetry"},
}
THIRD_PARTIES = {
    "msgspec": set(MAY),
    "apsw": {"local", "telemetry"},
    "cryptography": {"local"},
    "nacl": {"local"},
    "uvloop": {"local"},
    "watchfiles": {"cli"},
    "boto3": {"aws.deploy"},
    "botocore": {"aws.deploy"},
    "pytest": {"testing"},
    "hypothesis": {"testing"},
}


def layer_of(name: str) -> str:
    _, *inner = name.split(".")
    return ".".join(inner[: 2 if inner[:1] == ["aws"] else 1])


def inward() -> Iterator[tuple[Module, Import]]:
    for module in package():
        if module.name != "skylift":
            yield from ((module, found) for found in imports(module))


def test_every_layer_imports_only_what_stands_before_it() -> None:
    wrong: list[str] = []
    for module, found in inward():
        own, other = layer_of(module.name), layer_of(found.target)
        if found.target.split(".")[0] != "skylift" or other == own:
            continue
        if other not in MAY.get(own, set()) | AND_ALSO.get(module.name, set()):
            wrong.append(f"{module.at(found.line)} {own} imports {found.target}")
    assert not wrong, "\n".join(wrong)


def test_every_module_has_a_place_in_the_order() -> None:
    names = {layer_of(module.name) for module in package()} - {""}
    assert names - set(MAY) == set(), "say in MAY what it may import"


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {module.path.parent for module in package()}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_third_parties_stay_in_the_layers_that_need_them() -> None:
    wrong: list[str] = []
    for module, found in inward():
        top = found.target.split(".")[0]
        if top == "skylift" or top in sys.stdlib_module_names:
            continue
        if layer_of(module.name) not in THIRD_PARTIES.get(top, set()):
            wrong.append(f"{module.at(found.line)} imports {found.target}")
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {module.name for module in (*package(), *apps())}
    needs = {
        module.name: {
            found.target
            for found in imports(module)
            if found.target in names and not found.is_lazy and not found.is_typing
        }
        - {module.name}
        for module in (*package(), *apps())
    }
    while free := {name for name in needs if not is_between(name, needs)}:
        needs = {name: needed - free for name, needed in needs.items() if name not in free}
    assert needs == {}


def is_between(name: str, needs: dict[str, set[str]]) -> bool:
    """It needs one of them and one of them needs it, as everything in a circle does."""
    return bool(needs[name]) and any(name in needed for needed in needs.values())


def test_the_package_itself_imports_only_for_types() -> None:
    (root,) = [module for module in package() if module.name == "skylift"]
    eager = [found.target for found in imports(root) if not found.is_lazy and not found.is_typing]
    assert eager == []


def test_apps_import_skylift_itself_and_never_each_other() -> None:
    own = {module.name.split(".")[0] for module in apps()}
    wrong: list[str] = []
    for module in apps():
        for found in imports(module):
            top = found.target.split(".")[0]
            is_inside = top == "skylift" and found.target != "skylift"
            is_another = top in own - {module.name.split(".")[0]}
            if is_inside or is_another:
                wrong.append(f"{module.at(found.line)} imports {found.target}")
    assert not wrong, "\n".join(wrong)


def test_a_model_imports_only_the_standard_library_and_what_a_struct_is_made_of() -> None:
    wrong: list[str] = []
    for module in apps():
        if module.path.name != "model.py":
            continue
        for found in imports(module):
            if found.target.split(".")[0] not in ("skylift", "msgspec", *sys.stdlib_module_names):
                wrong.append(f"{module.at(found.line)} imports {found.target}")
        wrong += [
            f"{module.at(line)} takes {name} from skylift"
            for line, name in taken_from_skylift(module)
            if name not in ("Struct", "Meta")
        ]
    assert not wrong, "\n".join(wrong)


def taken_from_skylift(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "skylift":
            yield from ((node.lineno, alias.name) for alias in node.names)


def test_no_public_name_is_the_name_of_a_module() -> None:
    """Importing `skylift.gather` anywhere would put the module where the function should be."""
    modules = {module.name.split(".")[1] for module in package() if "." in module.name}
    assert not modules & set(skylift.__all__)
