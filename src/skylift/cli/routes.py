"""`skylift routes APP`: what can be asked of an app over HTTP, by path."""

from __future__ import annotations

import argparse
from typing import Any

from ..graph.model import Graph, Node
from ..graph.text import aligned
from ..resources.api import Api, Route
from ..signature import Parameter, shown_type
from .reading import add_reading_arguments, graph_of, print_json

ASKED = ("path", "query", "header", "body")  # sources of what a client sends
HEAD = ("method", "path", "status", "", "function", "parameters")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_reading_arguments(parser)


def routes(options: argparse.Namespace) -> int:
    graph = graph_of(options)
    found = [_route(api, node) for api in graph.of(Api) for node in _by_path(graph, api)]
    if options.json:
        print_json({"app": graph.app, "routes": found})
        return 0
    for api in dict.fromkeys(route["api"] for route in found):
        print(api)
        print(*aligned([HEAD, *map(_row, [one for one in found if one["api"] == api])]), sep="\n")
    if not found:
        print(f"{graph.app} has no routes")
    return 0


def _by_path(graph: Graph, api: Api) -> list[Node]:
    def place(node: Node) -> tuple[str, str]:
        route = node.function.trigger
        assert isinstance(route, Route)
        return route.path, route.method

    return sorted(graph.triggered_by(api), key=place)


def _route(api: Api, node: Node) -> dict[str, Any]:
    route = node.function.trigger
    assert isinstance(route, Route)
    asked = [one for one in node.signature.parameters if one.source in ASKED]
    return {
        "api": api.name,
        "method": route.method,
        "path": route.path,
        "status": route.status,
        "function": node.name,
        "parameters": [_parameter(one) for one in asked],
        "public": route.demand is None,
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    kind = shown_type(one.type)
    return {"name": one.key, "in": one.source, "type": kind, "required": one.required}


def _row(route: dict[str, Any]) -> list[str]:
    asked = ", ".join(map(_asked, route["parameters"]))
    public = "PUBLIC" if route["public"] else ""
    return [route["method"], route["path"], str(route["status"]), public, route["function"], asked]


def _asked(parameter: dict[str, Any]) -> str:
    """`query limit: int?`; a body has no name a client would know."""
    name = "" if parameter["in"] == "body" else f" {parameter['name']}"
    return f"{parameter['in']}{name}: {parameter['type']}{'' if parameter['required'] else '?'}"
