"""A shop, written plainly: handlers that load, decide and write."""

from collections import Counter, defaultdict

from skylift import Conflict, NotFound, Page, Request, Struct, attr, new_id, now, transaction

from ..expecting import expects
from .resources import Entry, Order, Product, api, audit, customers, invoices, orders, products
from .support.access import audited, requires_owner, retrying


class NewOrder(Struct):
    customer_id: str
    lines: dict[str, int]


LIST_PRICES = {"small": 100, "large": 180}
DISCOUNTS = {"vip": 20}


class Cart:
    """What a visitor has in hand; lives for one request."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def put(self, sku: str, count: int = 1) -> None:
        self._counts.update({sku: count})

    def get(self, sku: str) -> int:
        return self._counts.get(sku, 0)

    def delete(self, sku: str) -> None:
        self._counts.pop(sku, None)


@expects(products="get")
@api.get("/shop/1/{id}")
async def show_product(id: str) -> Product:
    product = await products.get(id)
    if product is None:
        raise NotFound(f"no product {id}")
    return product


@expects(customers="require tx.check", products="get_many tx.update", orders="tx.create")
@api.post("/shop/2", status=201)
async def place_order(new: NewOrder) -> Order:
    customer = await customers.require(new.customer_id)
    wanted = await products.get_many([(sku,) for sku in new.lines])
    if missing := [sku for sku, product in zip(new.lines, wanted, strict=True) if product is None]:
        raise NotFound(f"no {', '.join(missing)}")
    total = sum(product.price * new.lines[product.id] for product in wanted if product)
    order = Order(new_id(), customer.id, "new", total, new.lines)
    async with transaction() as tx:
        await customers.check(customer.id, if_=attr("credit") >= total, tx=tx)
        for sku, count in new.lines.items():
            await products.update(sku, add={"stock": -count}, if_=attr("stock") >= count, tx=tx)
        await orders.create(order, tx=tx)
    return order


@expects(orders="require update delete", invoices="delete", audit="put")
@api.delete("/shop/3/{id}")
async def cancel_order(id: str) -> None:
    order = await orders.require(id)
    try:
        if order.status == "new":
            await orders.delete(id)
            return
        await orders.update(id, set={"status": "cancelled"}, if_=attr("status") != "shipped")
        await invoices.delete(id)
    finally:
        await audit.put(Entry(id, now(), "cancel"))


@expects(orders="page")
@api.get("/shop/4/{customer_id}")
async def list_orders(customer_id: str, cursor: str | None = None, limit: int = 20) -> Page[Order]:
    return await orders.page(
        customer_id, index="by_customer", reverse=True, cursor=cursor, limit=limit
    )


@expects(orders="query")
@api.get("/shop/5/{id}")
async def spent(id: str) -> int:
    return sum(
        [
            order.total
            async for order in orders.query(id, index="by_customer")
            if order.status != "cancelled"
        ]
    )


@expects()
@api.post("/shop/6")
async def preview_cart(wanted: NewOrder) -> dict[str, int]:
    cart = Cart()
    for sku, count in wanted.lines.items():
        cart.put(sku, count)
    cart.delete("gift")
    return {sku: cart.get(sku) for sku in sorted(wanted.lines)}


@expects(products="get")
@api.get("/shop/7/{id}")
async def quote(id: str, size: str = "small", plan: str = "free") -> int:
    discounts = {"free": 0}
    discounts.update(DISCOUNTS)
    product = await products.get(id)
    price = product.price if product else LIST_PRICES.get(size, 0)
    return price - discounts.get(plan, 0)


@expects(orders="require")
@api.get("/shop/8/{id}")
async def line_count(id: str, sku: str) -> int:
    order = await orders.require(id)
    return order.lines.get(sku, 0)


@expects(products="update", audit="put")
@api.post("/shop/9/{id}")
@audited("restock")
@retrying(5)
async def restock(id: str, count: int = 1) -> Product:
    return await products.update(id, add={"stock": count})


@expects(orders="scan")
@api.get("/shop/10")
async def best_sellers() -> list[str]:
    sold: Counter[str] = Counter()
    async for order in orders.scan(limit=500):
        sold.update(order.lines)
    return [sku for sku, _ in sold.most_common(10)]


@expects(orders="query")
@api.get("/shop/11/{id}")
async def bought_by_status(id: str) -> dict[str, list[str]]:
    groups: defaultdict[str, set[str]] = defaultdict(set)
    async for order in orders.query(id, index="by_customer", where=attr("total") > 0):
        groups[order.status].update(order.lines)
    return {status: sorted(skus) for status, skus in groups.items()}


@expects(customers="get")
@api.get("/shop/12")
async def whoami(request: Request) -> dict[str, str]:
    session = request.cookies.get("session") or request.headers.get("x-session", "")
    customer = await customers.get(session) if session else None
    page = request.query.get("page", ["1"])[0]
    return {"email": customer.email if customer else "", "page": page}


@expects(products="get update")
@api.post("/shop/13/{id}")
async def reserve(id: str, count: int = 1) -> None:
    attempts = 0
    while (product := await products.get(id)) is not None and product.stock >= count:
        try:
            left = product.stock - count
            await products.update(id, set={"stock": left}, if_=attr("stock") == product.stock)
            break
        except Conflict:
            if (attempts := attempts + 1) > 3:
                raise
    else:
        raise Conflict(f"{id} is sold out")


@expects(orders="scan delete_many")
@api.post("/shop/14")
async def purge() -> int:
    stale = [(order.id,) async for order in orders.scan() if order.status == "cancelled"]
    for start in range(0, len(stale), 25):
        await orders.delete_many(stale[start : start + 25])
    return len(stale)


@expects(orders="require tx.create", customers="require tx.check", products="get_many tx.update")
@api.post("/shop/15/{id}")
async def reorder(id: str) -> Order:
    old = await orders.require(id)
    return await place_order(NewOrder(old.customer_id, old.lines))


@expects(orders="require delete")
@api.delete("/shop/16/{id}")
@requires_owner(orders, field="customer_id")
async def forget_order(id: str, user: str = "") -> None:
    await orders.delete(id)


@expects(customers="require put", audit="create")
@api.post("/shop/17/{id}")
async def upgrade_plan(id: str, plan: str = "pro") -> None:
    from .support.storage import AuditTrail, Repository

    class Customers(AuditTrail, Repository):
        table = customers

    customer = await Customers().get(id)
    customer.plan = plan
    await Customers().save(customer)


@expects(products="get", orders="query", customers="require")
@api.get("/shop/18/{id}")
async def recommended(id: str) -> list[Product]:
    customer = await customers.require(id)
    seen: set[str] = set()
    picked: list[Product] = []
    async for order in orders.query(customer.id, index="by_customer", reverse=True, limit=20):
        fresh = order.lines.keys() - seen
        seen.update(fresh)
        picked += [found for sku in fresh if (found := await products.get(sku))]
    return sorted(picked, key=lambda product: (-product.stock, product.title))[:5]
