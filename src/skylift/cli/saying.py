"""What a command says of an app's settings for a stage."""

from __future__ import annotations

import argparse

from .load import UserError


def add_setting_arguments(parser: argparse.ArgumentParser) -> None:
    told = "a setting's value in this stage, from now on; as often as there are settings"
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=told)
    told = "let a setting have its default again"
    parser.add_argument("--unset", action="append", default=[], metavar="NAME", help=told)


def said(options: argparse.Namespace) -> dict[str, str | None]:
    """Texts by the names of settings; None is the default again."""
    found: dict[str, str | None] = dict.fromkeys(options.unset)
    for one in options.set:
        name, mark, text = one.partition("=")
        if not mark:
            raise UserError(f"--set {one} says no value\n    hint: --set {one}=…")
        if name in found:
            raise UserError(f"setting {name!r} is said twice\n    hint: say it once")
        found[name] = text
    return found
