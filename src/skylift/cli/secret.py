"""`skylift secret set|ls|rm`: the secrets of an app, here while it runs and when it does not, and
with --stage on AWS. A value comes from standard input or is asked for; it is never an argument,
which others on the machine could read, and never printed.
"""

from __future__ import annotations

import argparse
import sys
from getpass import getpass

from ..aws.deploy.plan import PlannedSecret
from ..aws.deploy.secret import planned
from ..errors import did_you_mean
from ..graph.text import aligned
from ..local.control_secret import KnownSecret, ListSecrets, RemoveSecret, SetSecret
from ..resources.secret import VALUE_BYTES_MAX, Secret, wrong_value
from .asking import ask
from .load import UserError
from .reading import (
    add_elsewhere_arguments,
    add_reading_arguments,
    graph_of,
    print_json,
    print_json_rows,
)
from .recorded import iso


def add_arguments(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (told, deed) in DEEDS.items():
        command = deeds.add_parser(name, help=told, description=told)
        add_reading_arguments(command)
        command.set_defaults(deed=deed)
        if name != "ls":
            command.add_argument("secret", metavar="NAME", help="as it is declared")
        add_elsewhere_arguments(command)


def secret(options: argparse.Namespace) -> int:
    return options.deed(options)


def set_value(options: argparse.Namespace) -> int:
    value = said(options.secret)
    if options.stage:
        put_on_aws(options, value)
    else:
        ask(options, SetSecret(options.secret, value), KnownSecret)
    return told_done(options, "set", "it is set")


def remove(options: argparse.Namespace) -> int:
    if options.stage:
        remove_on_aws(options)
    else:
        ask(options, RemoveSecret(options.secret), KnownSecret)
    return told_done(options, "removed", "it is removed")


def told_done(options: argparse.Namespace, outcome: str, line: str) -> int:
    if options.json:
        place = {"stage": options.stage} if options.stage else {}
        print_json({"secret": options.secret, **place, "outcome": outcome})
    else:
        print(
            f"secret {options.secret}: {line}" + f" in stage {options.stage}" * bool(options.stage)
        )
    return 0


def ls(options: argparse.Namespace) -> int:
    found = known_on_aws(options) if options.stage else known_here(options)
    if options.json:
        print_json_rows(
            {
                "secret": one.name,
                "set_at": iso(one.set_at) if one.set_at is not None else None,
                "declared": one.is_declared,
                "optional": one.is_optional,
            }
            for one in found
        )
    elif not found:
        print("there are no secrets")
    else:
        for line in aligned([one.name, told(one)] for one in found):
            print(line.strip())
    return 0


def known_here(options: argparse.Namespace) -> list[KnownSecret]:
    return ask(options, ListSecrets(), list[KnownSecret])


def told(one: KnownSecret) -> str:
    unset = "not set, and optional" if one.is_optional else "not set"
    when = f"set {iso(one.set_at)}" if one.set_at is not None else unset
    return when if one.is_declared else f"{when}, not declared any more"


def said(name: str) -> str:
    """The value, from a terminal or from what is fed in; a line's end does not count."""
    if sys.stdin.isatty():
        value = getpass(f"value of {name}: ")
    else:
        fed = sys.stdin.buffer.read(VALUE_BYTES_MAX + len("\r\n") + 1)
        value = fed.decode(errors="surrogateescape").removesuffix("\n").removesuffix("\r")
    if wrong := wrong_value(value):
        hint = f"printf %s VALUE | skylift secret set APP {name}, or type it when asked"
        raise UserError(f"secret {name!r}: {wrong}\n    hint: {hint}")
    return value


# -- on AWS


def put_on_aws(options: argparse.Namespace, value: str) -> None:
    from ..aws.deploy.stack.kept import put  # boto3 only where something is on AWS
    from .account import account_of, telling_why

    with telling_why(options):
        put(account_of(options), declared(options), value)


def remove_on_aws(options: argparse.Namespace) -> None:
    from ..aws.deploy.stack.kept import remove
    from .account import account_of, telling_why

    with telling_why(options):
        if not remove(account_of(options), declared(options)):
            raise UserError(f"secret {options.secret!r} has no value in stage {options.stage}")


def known_on_aws(options: argparse.Namespace) -> list[KnownSecret]:
    from ..aws.deploy.stack.kept import set_at
    from .account import account_of, telling_why

    with telling_why(options):
        account, graph = account_of(options), graph_of(options)
        declared = {one.name: one for one in graph.of(Secret)}
        kept = set_at(account, [planned(one, graph, options.stage) for one in declared.values()])
        return [KnownSecret(name, at, True, declared[name].optional) for name, at in kept.items()]


def declared(options: argparse.Namespace) -> PlannedSecret:
    graph = graph_of(options)
    known = {one.name: one for one in graph.of(Secret)}
    if options.secret not in known:
        hint = did_you_mean(options.secret, [*known])
        raise UserError(f"{graph.app} has no secret {options.secret!r}\n    hint: {hint}")
    return planned(known[options.secret], graph, options.stage)


DEEDS = {
    "set": ("give one a value, from standard input or asked for", set_value),
    "ls": ("which there are, and when they were set", ls),
    "rm": ("take one's value away", remove),
}
