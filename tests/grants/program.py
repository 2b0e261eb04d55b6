"""A handler put together by chance from names, containers, objects, branches, loops, closures and
exceptions. It runs with tables that remember what they were asked for, and in which transaction.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

VERBS = ("get", "put", "create", "update", "delete", "require")
WRITING = ("put", "create", "update", "delete")  # these take a transaction
TABLES = ("notes", "orders", "users")
TESTS_MAX = 4  # bits of input: a program is run with all of them

BEGINNING = '''
import contextlib
import functools

ASKED: set = set()
FAILING: list = [None, 0]


def restart(failing) -> None:
    ASKED.clear()
    FAILING[:] = [failing, 0]
    BOX.table = users


class Asked(Table):
    """Its verbs do nothing; the chosen one fails."""

    async def _ask(self, verb, _, *, tx=None):
        ASKED.add((self.name, verb, tx is not None))
        FAILING[1] += 1
        if FAILING[1] == FAILING[0]:
            raise KeyError(verb)


for _verb in ("get", "put", "create", "update", "delete", "require"):
    setattr(Asked, _verb, functools.partialmethod(Asked._ask, _verb))


async def save(table, x, tx=None):
    await table.put(x, tx=tx)


async def save_both(table, x, tx=None):
    if tx is not None:
        await table.create(x, tx=tx)
    else:
        await table.put(x)


class Box:
    def __init__(self, table, tx=None):
        self.table = table
        self.tx = tx

    def take(self):
        return self.table

    def give(self, table):
        self.table = table

    @property
    def inside(self):
        return self.table


async def wait(table):
    return table


def same(table):
    return table


def each(*tables):
    for table in tables:
        yield table


def first(tables):
    return next(table for table in tables)


def pair(left, right):
    return [left, right]


def boxed(table):
    return Box(table)


def called(function):
    return function()


def swapped(box, table):
    box.table, table = table, box.table
    return table


def filled(named, table):
    named.update(a=table)
    return named


def begun(tables, table):
    tables.insert(0, table)
    return boxed(tables)


def torn(box, table, x):
    box.table = table
    if x[0] == "1":
        raise KeyError(x)
    box.table = users


@contextlib.contextmanager
def lent(table):
    yield table


notes, orders, users = (Asked(name, Note, key="id") for name in ("notes", "orders", "users"))
BOX = Box(users)
PAIR = (notes, orders)
BY_NAME = {"a": notes, "b": users}
'''


class Program:
    def __init__(self, chance: random.Random) -> None:
        self._chance, self._names, self._tests = chance, 0, 0
        body = self._block({}, "    ", depth=3, least=4)
        head = '\n\n@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n'
        self.text = BEGINNING + head + "\n".join(body) + "\n"

    def inputs(self) -> Iterator[str]:
        for bits in itertools.product("01", repeat=max(self._tests, 1)):
            yield "".join(bits)

    def _name(self) -> str:
        self._names += 1
        return f"v{self._names}"

    def _test(self) -> str:
        self._tests += 1
        return f"x[{self._tests - 1}] == '1'"

    def _of(self, kinds: dict[str, str], kind: str) -> list[str]:
        return [name for name, its in kinds.items() if its == kind]

    def _table(self, kinds: dict[str, str]) -> str:
        """An expression that is a table."""
        options = [*TABLES, "BOX.table", "PAIR[1]", "BY_NAME['b']", *self._of(kinds, "table") * 3]
        for box in self._of(kinds, "box"):
            options += [f"{box}.table", f"{box}.take()", f"{box}.inside"]
        options += [f"{several}[{at}]" for several in self._of(kinds, "list") for at in (0, -1)]
        options += [f"{named}['a']" for named in self._of(kinds, "dict")]
        options += [f"{function}()" for function in self._of(kinds, "function")] * 2
        table = self._chance.choice(options)
        if self._chance.random() < 0.7:
            return table
        wrapped = [
            f"same({table})",
            f"(await wait({table}))",
            f"next(iter([{table}]))",
            f"(lambda held={table}: held)()",
            f"[held for held in [{table}]][0]",
            f"functools.partial(same, {table})()",
            f"first([{table}, {self._chance.choice(TABLES)}])",
            f"pair({table}, {self._chance.choice(TABLES)})[0]",
            f"boxed({table}).take()",
            f"called(lambda: {table})",
            f"begun([{self._chance.choice(TABLES)}], {table}).table[0]",
        ]
        wrapped += [f"swapped({box}, {table})" for box in self._of(kinds, "box")]
        wrapped += [f"filled({named}, {table})['a']" for named in self._of(kinds, "dict")]
        if self._tests < TESTS_MAX:
            wrapped.append(f"({table} if {self._test()} else {self._chance.choice(TABLES)})")
        return self._chance.choice(wrapped)

    def _tx(self, kinds: dict[str, str]) -> str:
        """An expression that is a transaction, or None."""
        options = ["None", "transaction()", *self._of(kinds, "tx") * 3]
        options += [f"{box}.tx" for box in self._of(kinds, "box")]
        tx = self._chance.choice(options)
        if self._tests < TESTS_MAX and self._chance.random() < 0.2:
            return f"({tx} if {self._test()} else {self._chance.choice(options)})"
        wrapped = [f"same({tx})", f"(await wait({tx}))", f"[held for held in [{tx}]][0]"]
        return tx if self._chance.random() < 0.7 else self._chance.choice(wrapped)

    def _verb(self, kinds: dict[str, str], table: str) -> str:
        verb, tx = self._chance.choice(VERBS), self._tx(kinds)
        if verb not in WRITING or self._chance.random() < 0.3:
            return f"await {table}.{verb}(x)"
        calls = [f"{table}.{verb}(x, tx={tx})"] * 4
        calls += [f"{table}.{verb}(x, **{{'tx': {tx}}})", f"{table}.{verb}(*[x], tx={tx})"]
        calls += [f"functools.partial({table}.{verb}, tx={tx})(x)"]
        calls += [f"save({table}, x, {tx})", f"save_both({table}, x, tx={tx})"]
        calls += [f"save({table}, x)", f"save_both({table}, x)"]
        return f"await {self._chance.choice(calls)}"

    def _block(
        self, kinds: dict[str, str], indent: str, *, depth: int, least: int = 1
    ) -> list[str]:
        lines: list[str] = []
        for _ in range(self._chance.randint(least, least + 3)):
            simple = self._chance.random() < 0.6 or depth == 0
            lines += self._plain(kinds, indent) if simple else self._nested(kinds, indent, depth)
        return lines or [f"{indent}pass"]

    def _plain(self, kinds: dict[str, str], indent: str) -> list[str]:
        table, other = self._table(kinds), self._table(kinds)
        makers = {
            "table": table,
            "box": f"Box({table}, {self._tx(kinds)})",
            "list": f"[{table}, {other}]",
            "dict": f"{{'a': {table}, 'b': {other}}}",
            "tx": self._tx(kinds),
        }
        kind = self._chance.choice(("verb", "verb", "change", "table", *makers))
        if kind == "verb":
            return [indent + self._verb(kinds, table)]
        if kind == "change":
            return self._change(kinds, indent, table)
        reused = self._of(kinds, kind) if kind in ("table", "tx") else []
        name = self._chance.choice([*reused, self._name()])
        kinds[name] = kind
        return [f"{indent}{name} = {makers[kind]}"]

    def _change(self, kinds: dict[str, str], indent: str, table: str) -> list[str]:
        changes = [f"{box}.give({table})" for box in (*self._of(kinds, "box"), "BOX")]
        changes += [f"{box}.table = {table}" for box in self._of(kinds, "box")]
        changes += [f"torn({box}, {table}, x)" for box in self._of(kinds, "box")]
        changes += [f"swapped({box}, {table})" for box in self._of(kinds, "box")]
        changes += [f"begun({several}, {table})" for several in self._of(kinds, "list")]
        changes += [f"{box}.tx = {self._tx(kinds)}" for box in self._of(kinds, "box")]
        for several in self._of(kinds, "list"):
            changes += [f"{several}[0] = {table}", f"{several}.insert(0, {table})"]
            changes += [f"{several}.reverse()", f"{several} = {several} + [{table}]"]
        for named in self._of(kinds, "dict"):
            changes += [f"{named}['a'] = {table}", f"{named}.update(a={table})"]
        return [indent + self._chance.choice(changes)]

    def _nested(self, kinds: dict[str, str], indent: str, depth: int) -> list[str]:
        rule = self._chance.choice((self._if, self._for, self._try, self._with, self._function))
        before = dict(kinds)
        lines = rule(kinds, indent, depth)
        for name in [name for name, kind in kinds.items() if before.get(name, kind) != kind]:
            del kinds[name]
        return lines

    def _inner(self, kinds: dict[str, str], indent: str, depth: int) -> list[str]:
        """A block that may not run: what it binds is not used behind it."""
        inside = dict(kinds)
        lines = self._block(inside, indent + "    ", depth=depth - 1)
        for name in [name for name, kind in kinds.items() if inside.get(name) != kind]:
            del kinds[name]
        return lines

    def _if(self, kinds: dict[str, str], indent: str, depth: int) -> list[str]:
        if self._tests >= TESTS_MAX:
            return []
        lines = [f"{indent}if {self._test()}:", *self._inner(kinds, indent, depth)]
        if self._chance.random() < 0.2:
            lines.append(f"{indent}    return None")
        return [*lines, f"{indent}else:", *self._inner(kinds, indent, depth)]

    def _for(self, kinds: dict[str, str], indent: str, depth: int) -> list[str]:
        name, inside = self._name(), dict(kinds)
        over = [f"({self._table(kinds)}, {self._table(kinds)})", "each(*PAIR)", "BY_NAME.values()"]
        over += self._of(kinds, "list")
        over += [f"{named}.values()" for named in self._of(kinds, "dict")]
        inside[name] = "table"
        lines = self._inner(inside, indent, depth)
        for held in [held for held in kinds if held not in inside]:
            del kinds[held]
        return [f"{indent}for {name} in {self._chance.choice(over)}:", *lines]

    def _try(self, kinds: dict[str, str], indent: str, depth: int) -> list[str]:
        lines = [f"{indent}try:", *self._inner(kinds, indent, depth)]
        if self._tests < TESTS_MAX:
            lines.append(f"{indent}    if {self._test()}:")
            lines.append(f"{indent}        raise KeyError(x)")
        return [*lines, f"{indent}except KeyError:", *self._inner(kinds, indent, depth)]

    def _with(self, kinds: dict[str, str], indent: str, depth: int) -> list[str]:
        name, inside = self._name(), dict(kinds)
        inside[name] = "table"
        head = f"{indent}with lent({self._table(kinds)}) as {name}:"
        lines = self._inner(inside, indent, depth)
        for held in [held for held in kinds if held not in inside]:
            del kinds[held]
        return [head, *lines]

    def _function(self, kinds: dict[str, str], indent: str, depth: int) -> list[str]:
        name, parameter = f"f{self._name()}", self._name()
        if self._chance.random() < 0.5:
            held = self._chance.choice([*self._of(kinds, "table"), *TABLES])
            kinds[name] = "function"
            return [f"{indent}def {name}():", f"{indent}    return {held}"]
        captured = {held: kind for held, kind in kinds.items() if self._chance.random() < 0.3}
        inside = {parameter: "table", **dict.fromkeys(self._of(captured, "table"), "table")}
        lines = [f"{indent}async def {name}({parameter}):", *self._inner(inside, indent, depth)]
        given = self._table(kinds)
        calls = [f"await {name}({given})", f"for held in [{given}]: await {name}(held)"]
        return [*lines, indent + self._chance.choice(calls)]
