"""Time, chance and the environment enter through `system.py`; broad excepts stand at two doors."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.tidy.source import Module, apps, package

WORLD = "skylift.system"
# Not to be imported at all.
CLOCKS_AND_DICE = {"time", "random", "secrets"}
SEEDED = "random.Random"  # unless it is called without a seed
# Not to be taken from modules that are otherwise harmless.
UNREPEATABLE = {
    "os": {
        "environ",
        "environb",
        "getenv",
        "getenvb",
        "putenv",
        "unsetenv",
        "urandom",
        "getrandom",
    },
    "uuid": {"uuid1", "uuid4", "uuid6", "uuid7", "getnode"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}
BROAD = {"Exception", "BaseException"}
# Who may catch everything and not raise it again, and why.
CATCHES_ALL = {
    "skylift.aws.runtime.lambda_gather": "of verbs that run together all end before one raises",
    "skylift.codec.envelope": "whatever an author's type raises over what it reads is no message",
    "skylift.resources.change": "whatever an author's type raises over what it reads is no change",
    "skylift.engine.invoke": "whatever an author's handler raises becomes an outcome",
    "skylift.cli.main": "the last door: a person reads a sentence, not a trace",
    "skylift.signature": "an annotation is an author's expression, evaluated when it is read",
    "skylift.cli.run": "a reload that fails, whatever the reason, must not be the last one",
    "skylift.cli.load": "whatever an author's module raises at its import is shown as theirs",
    "skylift.local.http.connection": "a bug costs one answer (500, and told), not the connection",
    "skylift.local.http.websocket": "a bug costs one connection, which is told, and no other",
    "skylift.engine.told": "an error that cannot even be shown is told all the same",
    "skylift.telemetry.tap": "what an author logs may not be showable: the line is kept without",
    "skylift.local.carried": "what an author's type does when it is pickled, and what cannot be",
    "skylift.local.isolated_child": "whatever an author's handler raises goes back to the app",
    "skylift.local.control_server": "a bug of ours is answered, or a command waits for nothing",
    "skylift.local.ending": "a handler is passed whatever its task is, and may refuse to close",
    "skylift.local.pump": "a bug costs one delivery, and is told; its lease brings it back",
    "skylift.local.database": "one piece of work of a tick fails alone, and its caller is told",
}


def test_only_system_touches_time_chance_and_the_environment() -> None:
    wrong = [
        f"{module.at(line)} {what}"
        for module in (*package(), *apps())
        if module.name != WORLD
        for line, what in touches(module)
    ]
    assert not wrong, "\n".join(wrong)


def touches(module: Module) -> Iterator[tuple[int, str]]:
    renamed = {
        alias.asname: alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name in CLOCKS_AND_DICE]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            home = node.module or ""
            banned = UNREPEATABLE.get(home, set())
            names = [
                f"{home}.{alias.name}"
                for alias in node.names
                if (home in CLOCKS_AND_DICE and f"{home}.{alias.name}" != SEEDED)
                or alias.name in banned
            ]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Random":
            names = [] if node.args else ["Random() without a seed"]
        elif isinstance(node, ast.Attribute):
            said = ast.unparse(node.value).split(".")[-1]
            owner = renamed.get(said, said)
            names = [ast.unparse(node)] if node.attr in UNREPEATABLE.get(owner, set()) else []
        else:
            continue
        yield from ((node.lineno, name) for name in names)


def test_everything_is_caught_only_where_it_says_why() -> None:
    wrong: list[str] = []
    for module in package():
        caught = list(catches(module))
        if module.name not in CATCHES_ALL:
            wrong += [f"{module.at(line)} catches {what}" for line, what in caught]
    assert not wrong, "\n".join(wrong)


def test_who_may_catch_everything_does() -> None:
    needed = {module.name for module in package() if any(catches(module))}
    assert set(CATCHES_ALL) - needed == set()


def catches(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            if ast.unparse(node.body[-1]) == "raise":
                continue  # it tidies up and lets the error pass
            caught = {"everything"} if node.type is None else names_in(node.type) & BROAD
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught = set[str]().union(*map(names_in, node.args)) & BROAD
        else:
            continue
        if caught:
            yield node.lineno, ", ".join(sorted(caught))


def names_in(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
