"""Path templates as OpenAPI knows them. It has no greedy parameter, and takes `/a/{x}` and `/a/{y}`
for the same path: of templates that match alike, all are described under the first one's names.
"""

from __future__ import annotations

from collections.abc import Collection


def described(paths: Collection[str]) -> dict[str, tuple[str, dict[str, str]]]:
    """For each template of a route the one it is described by, and its parameters' names there."""
    plain = {_shape(path) for path in paths if not path.endswith("+}")}
    first: dict[tuple[str, ...], str] = {}
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for path in sorted(paths):
        shape = _shape(path)
        if path.endswith("+}") and shape not in plain:
            template = path.replace("+}", "}")
        elif path.endswith("+}"):
            template = path  # beside a whole segment it keeps its +, or one would hide the other
        else:
            template = first.setdefault(shape, path)
        names = [name.removesuffix("+") for name in _names(path)]
        found[path] = template, dict(zip(names, _names(template), strict=True))
    return found


def _shape(path: str) -> tuple[str, ...]:
    return tuple("{}" if part.startswith("{") else part for part in path.split("/"))


def _names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]
