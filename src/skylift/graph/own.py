"""An Api's own paths against its author's routes. Here the own ones are asked first; at AWS's
gateway a route of the author may take them, unless they are routes as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..http import OWN_PATHS
from ..resources.api import Route


def own_routes(routes: Iterable[Route]) -> list[tuple[str, str]]:
    """Methods and paths that need a route, or one of these would take them."""
    return sorted(set(_covered(routes)))


def _covered(routes: Iterable[Route]) -> Iterator[tuple[str, str]]:
    for route in routes:
        yield from ((route.method, own) for own in OWN_PATHS if could_take(route.path, own))


def could_take(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    for at, part in enumerate(wanted):
        if at == len(given):
            return False
        if part.endswith("+}"):
            return True
        if part != given[at] and not (part.startswith("{") and given[at]):
            return False
    return len(wanted) == len(given)
