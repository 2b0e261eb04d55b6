"""`skylift_function.py`: what Lambda calls. It names the function, the resources it may use and its
grants, all of which the graph knows; nothing is looked up at run time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_args

from ....errors import DeclarationError, Mistake
from ....graph.collect import dead_of
from ....graph.model import Graph, Node
from ....resources.api import Route
from ..change import is_followed
from ..channel import users_of, users_of_all
from ..policy import reachable
from ..unit import Kind, Unit, relayed
from ..users import looked_at

DOCUMENT = "openapi.json"  # beside the entry of a default unit
LINE_MAX = 100
FUNCTION = ""  # its key among names of resources, which are never empty
RESERVED = frozenset(["function", "handler", *(f"{kind}_entry" for kind in get_args(Kind))])


@dataclass(frozen=True)
class Name:
    """A global of one of the app's modules, and what the entry calls it."""

    module: str
    attribute: str
    alias: str

    @property
    def taken(self) -> str:
        same = self.alias == self.attribute
        return self.attribute if same else f"{self.attribute} as {self.alias}"


def written(unit: Unit, graph: Graph, *, is_loop_free: bool = True) -> str:
    """The source of a unit's entry."""
    if unit.node is not None:
        return _of_function(unit, unit.node, graph, is_loop_free)
    if unit.guards:
        return _of_authorizer(unit, graph, is_loop_free)
    if unit.api is not None:
        routes = [one.function.trigger for one in graph.triggered_by(unit.api)]
        said = [(one.method, one.path) for one in routes if isinstance(one, Route)]
        members = {"routes": _tuple(map(repr, said)), "document": repr(DOCUMENT)}
    else:
        found = reachable(graph)
        members = {"senders": _dict({name: repr(found[name].kind) for name in relayed(graph)})}
    return _source(unit, graph, [], {"app": repr(graph.app), **members})


def _of_function(unit: Unit, node: Node, graph: Graph, is_loop_free: bool) -> str:
    touched = sorted({name for name, _ in node.grants})
    resources = {one.name: one for one in graph.resources}
    named = {one.name: one for one in graph.functions}
    named |= {own.name: one for one in graph.functions if (own := dead_of(one.function))}
    wanted = sorted({*touched, *looked_at(unit)})
    used = {name: resources[name] for name in wanted if name in resources}
    letters = {*touched, node.function.trigger.resource.name}  # who consumes them has no grant
    met = [named[name] for name in sorted(letters) if name in named]
    consumers = {one.name: one.function for one in met}
    names = _named({FUNCTION: node.function, **used, **consumers}, graph)
    members = {
        "app": repr(graph.app),
        "name": repr(node.name),
        "function": "function",
        "resources": _tuple(names[one].alias for one in used),
        "grants": _tuple(repr(tuple(one)) for one in sorted(node.grants)),
        "consumers": _dict({one: names[one].alias for one in consumers}),
        "is_loop_free": repr(is_loop_free),
    }
    followed = [one for one in used.values() if one.kind == "table" and is_followed(one, graph)]
    if followed:
        members["followed"] = _tuple(repr(one.name) for one in followed)
    return _source(unit, graph, list(names.values()), members)


def _of_authorizer(unit: Unit, graph: Graph, is_loop_free: bool) -> str:
    """The channels bring their guards along; whose tokens count is verified here."""
    resources = {one.name: one for one in graph.resources}
    channels = [one.function.trigger.resource for one in unit.guards]
    touched = {name for node in unit.guards for name, _ in node.grants} & resources.keys()
    used = sorted(touched | {*users_of_all(unit.guards, graph)})
    names = _named(
        {name: resources[name] for name in {*used, *(one.name for one in channels)}}, graph
    )
    guarded: dict[str, str] = {}
    for node, channel in zip(unit.guards, channels, strict=True):
        grants = _tuple(repr(tuple(one)) for one in sorted(node.grants))
        said = [names[channel.name].alias, repr(users_of(channel, graph)), grants]
        guarded[node.name] = _tuple(said)
    members = {
        "app": repr(graph.app),
        "name": repr(unit.name),
        "channels": _dict(guarded),
        "resources": _tuple(names[one].alias for one in used),
        "is_loop_free": repr(is_loop_free),
    }
    return _source(unit, graph, list(names.values()), members)


# -- names


def _named(wanted: Mapping[str, Any], graph: Graph) -> dict[str, Name]:
    """Where each object is imported from, and a name that no other has."""
    modules = list(_modules(graph))
    homes = {key: _home(value, modules) for key, value in wanted.items()}
    names: dict[str, Name] = {}
    taken = set(RESERVED)
    for key, (module, attribute) in homes.items():
        inner = module.partition(".")[2].replace(".", "_") or module
        choices = [attribute, f"{inner}_{attribute}", f"{module.replace('.', '_')}_{attribute}"]
        alias = "function" if key == FUNCTION else _free(choices, taken)
        taken.add(alias)
        names[key] = Name(module, attribute, alias)
    return names


def _free(choices: list[str], taken: set[str]) -> str:
    last = choices[-1]
    choices += [f"{last}_{no}" for no in range(2, len(taken) + 3)]
    return next(one for one in choices if one not in taken)


def _home(value: Any, modules: list[ModuleType]) -> tuple[str, str]:
    """A module of the app that holds the object, and under which name; its own module first."""
    own = getattr(getattr(value, "handler", value), "__module__", "")
    own = getattr(value, "module", own)
    for module in sorted(modules, key=lambda one: (one.__name__ != own, one.__name__)):
        for name, held in sorted(vars(module).items()):
            if held is value and name.isidentifier():
                return module.__name__, name
    place = getattr(value, "place", "")
    remedy = "keep it under a name of a module of the app"
    raise DeclarationError(Mistake(place, "cannot be imported from anywhere", remedy))


def _modules(graph: Graph) -> Iterator[ModuleType]:
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in graph.packages:
            yield module


# -- text


def _source(unit: Unit, graph: Graph, names: list[Name], members: Mapping[str, str]) -> str:
    entry = f"{unit.kind}_entry"
    lines = [
        f'"""{unit.name} of {graph.app}, as Lambda calls it. Generated by `skylift build`."""',
        f"from skylift.aws.runtime.lambda_entry import {entry}",
    ]
    for module in sorted({one.module for one in names}):
        taken = sorted(one.taken for one in names if one.module == module)
        lines.append(_fitted(f"from {module} import ", "(", taken, ")"))
    lines += ["", f"handler = {entry}("]
    lines += [f"    {name}={value}," for name, value in members.items()]
    return "\n".join([*lines, ")", ""])


def _fitted(head: str, opening: str, parts: list[str], closing: str) -> str:
    whole = head + ", ".join(parts)
    if len(whole) <= LINE_MAX:
        return whole
    return "\n".join([head + opening, *(f"    {one}," for one in parts), closing])


def _tuple(parts: Iterable[str]) -> str:
    said = list(parts)
    comma = "," if len(said) == 1 else ""
    return _broken("(", said, f"{comma})")


def _dict(parts: Mapping[str, str]) -> str:
    return _broken("{", [f"{key!r}: {value}" for key, value in parts.items()], "}")


def _broken(opening: str, parts: list[str], closing: str) -> str:
    """On one line, or with one part a line."""
    whole = f"{opening}{', '.join(parts)}{closing}"
    if len(whole) <= LINE_MAX - 20:
        return whole
    inner = "".join(f"        {one},\n" for one in parts)
    return f"{opening}\n{inner}    {closing[-1]}"
