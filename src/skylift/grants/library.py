"""The standard library's functions that pass on what they are given, or call it. All others are
code outside the app. They are known by name, so that nothing is imported for them.
"""

from __future__ import annotations

import ast

from .concurrency import CONCURRENCY
from .container import FACTORY, OTHER_KEYS, add, collected, entries, is_container, make
from .create import blank, is_shared
from .fill import put
from .frame import Frame
from .hand import CALLABLES, hand_over
from .interpreter import INTERPRETER
from .protocol import elements
from .reflection import Rule
from .values import (
    NONE,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Const,
    Foreign,
    Instance,
    Item,
    Partial,
    Values,
    one,
)


def same(place: int = 0) -> Rule:
    """It gives back one of its arguments."""

    def rule(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
        del frame, node
        return arguments.at(place) or ONLY_DATA

    return rule


def _seen(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del frame, arguments, node
    return ONLY_DATA


# -- functools


def _partial(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del frame, node
    more = arguments.after(1)
    named = tuple(more.keywords.items())
    every = more.every()
    return frozenset(
        # One of one of one: a loop may go on like that, so from the second on places are not kept.
        Partial(function.function, (), (), function.given() | every)
        if isinstance(function, Partial) and isinstance(function.function, Partial)
        else Partial(function, more.positional, named, more.rest)
        for function in arguments.at(0)
    )


def _keeps_function(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """A decorator, with or without arguments, that calls its function as it is called."""
    del frame, node
    if arguments.positional and not all(isinstance(atom, Const) for atom in arguments.at(0)):
        return arguments.at(0)
    return one(Foreign("decorator"))


def _decorating(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del frame, arguments, node
    return one(Foreign("decorator"))


def _reduced(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    inside = elements(frame, arguments.at(1), node).every()
    found = inside | arguments.at(2)
    for _ in range(2):
        found |= frame.call(arguments.at(0), Arguments((found, inside)), node)
    return found


# -- itertools


def _gathered(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """The elements of the arguments, in some order."""
    made = make(frame, node, "generator", [], "gathered")
    for values in (*arguments.positional, *([arguments.rest] if arguments.rest else [])):
        for group in elements(frame, values, node).groups:
            add(frame, made, group)
        frame.call(frozenset(atom for atom in values if _is_function(atom)), _DATA, node)
    return one(made)


_DATA = Arguments(rest=ONLY_DATA)


def _is_function(atom: Atom) -> bool:
    return isinstance(atom, CALLABLES)


def _chained(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    given = [elements(frame, values, node) for values in arguments.positional]
    groups = [group for one_of in given for group in one_of.groups]
    if all(one_of.is_exact for one_of in given) and not arguments.rest:
        return one(make(frame, node, "generator", groups, "chained"))
    loose = Arguments(arguments.positional, {}, arguments.rest)
    return _gathered(frame, loose, node)


def _chained_from(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    inside = elements(frame, arguments.at(0), node)
    return _gathered(frame, Arguments(tuple(inside.groups)), node)


def _combined(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """Tuples of the elements of the arguments."""
    given = [elements(frame, values, node).every() for values in arguments.positional]
    together = make(frame, node, "tuple", given, "combined")
    if len(given) == 1:
        add(frame, together, given[0])
    return collected(frame, node, "generator", one(together), "tuples")


def _starred(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    results: Values = NOTHING
    for group in elements(frame, arguments.at(1), node).groups:
        inner = elements(frame, group, node)
        passed = Arguments(tuple(inner.groups)) if inner.is_exact else Arguments(rest=inner.every())
        results |= frame.call(arguments.at(0), passed, node)
    return collected(frame, node, "generator", results, "starred")


# -- collections and others


def _sequence(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    if not arguments.positional:
        return one(make(frame, node, "list", []))
    return INTERPRETER["builtins.list"](frame, arguments, node)


def _default_mapping(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    made = INTERPRETER["builtins.dict"](frame, arguments.after(1), node)
    for atom in made:
        default = frame.call(arguments.at(0), Arguments(), node)
        if default and is_container(atom):
            address = getattr(atom, "address", 0)
            frame.walk.store.write((address, FACTORY), default, weak=True)
            frame.walk.store.write((address, OTHER_KEYS), ONLY_DATA, weak=True)
    return made


def _chain_mapping(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    made = make(frame, node, "dict", [], "chain")
    for values in arguments.positional:
        for atom in values:
            inside = entries(frame, atom) if is_container(atom) else None
            for key, held in inside.keyed.items() if inside else ():
                put(frame, made, one(key), held, weak=True)
            if inside and inside.rest:
                add(frame, made, inside.rest)
    return one(made)


class _Namespace:
    """Stands for types.SimpleNamespace."""


def _namespace(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    made = blank(frame, _Namespace, arguments, node)
    for name, values in arguments.keywords.items():
        frame.walk.store.write((made.address, name), values)
    return one(made)


def _replaced(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """A copy of an object with some fields changed; of each that it may be, a copy of its own."""
    found: set[Atom] = set()
    store = frame.walk.store
    for atom in arguments.at(0):
        if not isinstance(atom, Instance):
            found.add(atom)
            continue
        copied = Arguments((one(atom),), arguments.keywords, arguments.rest)
        copy = blank(frame, atom.cls, copied, node)
        is_weak = is_shared(frame, copy, node)
        held = {at[1]: values for at, values in store.now.items() if at[0] == atom.address}
        for name, values in {**held, **arguments.keywords}.items():
            store.write((copy.address, name), values, weak=is_weak)
        found.add(copy)
    if any(isinstance(atom, Item) for atom in found):
        hand_over(frame, arguments.after(1).every(), "dataclasses.replace", node)
    return frozenset(found)


def _chosen(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """A method of Random: the elements are in its second argument."""
    return elements(frame, arguments.at(1), node).every() or ONLY_DATA


def _several_chosen(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    return collected(frame, node, "list", _chosen(frame, arguments, node))


def _nothing(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del frame, arguments, node
    return NONE


KEEPING = """
    functools.lru_cache functools.cache functools.update_wrapper functools.singledispatch
    functools.total_ordering contextlib.contextmanager contextlib.asynccontextmanager
    dataclasses.dataclass typing.final typing.override typing.runtime_checkable abc.abstractmethod
    typing.overload types.coroutine enum.unique
"""
PASSING = """
    copy.copy copy.deepcopy contextlib.closing contextlib.aclosing contextlib.nullcontext
    typing.reveal_type types.MappingProxyType builtins.mappingproxy
"""
GATHERING = """
    itertools.cycle itertools.islice itertools.repeat itertools.tee itertools.accumulate
    itertools.takewhile itertools.dropwhile itertools.filterfalse itertools.compress
    heapq.nlargest heapq.nsmallest heapq.merge
"""
COMBINING = """
    itertools.product itertools.zip_longest itertools.permutations itertools.combinations
    itertools.pairwise itertools.groupby itertools.batched
"""
REPLACING = """
    dataclasses.replace msgspec.structs.replace msgspec._core.replace copy.replace
    collections.namedtuple._replace
"""
# They look at what they are given, and keep nothing.
OBSERVING = """
    inspect.isawaitable inspect.iscoroutine inspect.iscoroutinefunction inspect.isasyncgen
    inspect.isfunction inspect.isclass asyncio.coroutines.iscoroutinefunction warnings.warn
    _warnings.warn typing.assert_type sys.getsizeof sys.intern
"""

LIBRARY: dict[str, Rule] = {
    **INTERPRETER,
    **CONCURRENCY,
    **dict.fromkeys(KEEPING.split(), _keeps_function),
    **dict.fromkeys(PASSING.split(), same()),
    **dict.fromkeys(GATHERING.split(), _gathered),
    **dict.fromkeys(COMBINING.split(), _combined),
    **dict.fromkeys(OBSERVING.split(), _seen),
    **dict.fromkeys(REPLACING.split(), _replaced),
    "functools.wraps": _decorating,
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "_functools.reduce": _reduced,
    "itertools.chain": _chained,
    "itertools.chain.from_iterable": _chained_from,
    "builtins.chain.from_iterable": _chained_from,
    "itertools.starmap": _starred,
    "collections.deque": _sequence,
    "collections.defaultdict": _default_mapping,
    "collections.OrderedDict": INTERPRETER["builtins.dict"],
    "collections.ChainMap": _chain_mapping,
    "types.SimpleNamespace": _namespace,
    "typing.cast": same(1),
    "random.Random.choice": _chosen,
    "random.Random.sample": _several_chosen,
    "random.Random.choices": _several_chosen,
    "random.Random.shuffle": _nothing,
}
