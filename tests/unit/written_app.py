"""Apps written into a folder, as an author would write them, and loaded by the public door."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from textwrap import dedent

from skylift.cli.load import load, source_of
from skylift.graph.model import Graph

_NUMBERS = count()


def written(folder: Path, source: str, **more: str) -> Path:
    """An app of one module, `things`, and more modules by name. Its own name is new each time."""
    home = folder / f"written{next(_NUMBERS)}"
    home.mkdir()
    modules = {"things": source} | more
    for name, text in modules.items():
        (home / f"{name}.py").write_text(dedent(text), "utf-8")
    names = ", ".join(modules)
    (home / "app.py").write_text(
        f"from skylift import App\nfrom . import {names}\n\napp = App('written', {names})\n",
        "utf-8",
    )
    return home


@contextmanager
def loaded(home: Path) -> Iterator[Graph]:
    """Its graph; afterwards the interpreter knows nothing of it."""
    path, modules = list(sys.path), set(sys.modules)
    try:
        yield load(source_of(str(home)))
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if name.split(".")[0] == home.name:
                del sys.modules[name]


SHOP = """
list_products       shop   GET    /products                    products page
show_product        shop   GET    /products/{id}               products require; reviews page
search_products     shop   GET    /search/{words+}             products query; searches put
review_product      shop   POST   /products/{id}/reviews       products check; customers require; reviews create
register            shop   POST   /customers                   customers create; audit put
show_customer       shop   GET    /customers/{id}              customers require
change_address      shop   PATCH  /customers/{id}/address      customers update; audit put
open_basket         shop   POST   /baskets                     baskets create
show_basket         shop   GET    /baskets/{id}                baskets require; products get_many
add_to_basket       shop   PUT    /baskets/{id}/lines/{sku}    baskets update; products check
remove_from_basket  shop   DELETE /baskets/{id}/lines/{sku}    baskets update
place_order         shop   POST   /orders                      baskets require delete; products update; customers check; orders create; audit put
list_orders         shop   GET    /customers/{id}/orders       orders page
show_order          shop   GET    /orders/{id}                 orders require; invoices query
cancel_order        shop   DELETE /orders/{id}                 orders require update; products update; invoices delete; audit put
pay                 shop   POST   /orders/{id}/payment         orders require update; invoices create; audit put
list_all_orders     office GET    /office/orders               orders scan
ship_order          office POST   /office/orders/{id}/parcel   orders update; audit put
new_product         office POST   /office/products             products create; audit put
change_price        office PATCH  /office/products/{id}/price  products get update; audit put
import_products     office POST   /office/products/import      products put_many; audit put
refund              office POST   /office/invoices/{no}/refund invoices require update create; orders update; customers update; audit put
show_audit          office GET    /office/audit                audit page
popular_searches    office GET    /office/searches             searches page query scan get get_many
erase_customer      office DELETE /office/customers/{id}       customers delete; reviews query delete_many; orders query update; baskets query delete_many; invoices query; audit put
"""


def shop() -> str:
    """25 functions on 8 tables, as a shop would have them."""
    routes = [line.split(None, 4) for line in SHOP.strip().splitlines()]
    tables = {grant.split()[0] for *_, grants in routes for grant in grants.split("; ")}
    lines = ["from skylift import Api, Struct, Table", "class Item(Struct):", "    id: str"]
    lines += ['shop = Api("shop")', 'office = Api("back-office")']
    lines += [f'{name} = Table("{name}", Item, key="id")' for name in sorted(tables)]
    for name, api, method, path, grants in routes:
        parameters = ", ".join(f"{one.strip('{}+')}: str" for one in path.split("/") if "{" in one)
        lines += [f'@{api}.{method.lower()}("{path}")', f"async def {name}({parameters}) -> None:"]
        for table, *verbs in map(str.split, grants.split("; ")):
            lines += [f"    {table}.{verb}" for verb in verbs]
    return "\n".join(lines)
