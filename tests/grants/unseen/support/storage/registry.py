"""Tables by the kind of thing they hold."""

from types import MappingProxyType, SimpleNamespace
from typing import Any

from skylift import NotFound, Table

from ... import resources as db

BY_KIND = MappingProxyType({"book": db.books, "note": db.notes})
everything = SimpleNamespace(books=db.books, notes=db.notes, loans=db.loans)


def table_of(kind: str) -> Table[Any, str]:
    found = BY_KIND.get(kind)
    if found is None:
        raise NotFound(f"no kind {kind}")
    return found
