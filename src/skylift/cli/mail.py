"""`skylift mail APP`: what an app has mailed here, where nothing leaves the machine; while the app
runs and when it does not.
"""

from __future__ import annotations

import argparse

from msgspec import to_builtins

from ..local.control import MAILS_MAX, ListMail
from ..local.mail import Mail
from .asking import ask
from .queue import up_to
from .reading import add_reading_arguments, print_json_rows
from .recorded import iso, visible

LIMIT = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_reading_arguments(parser)
    parser.add_argument("--to", metavar="ADDRESS", default="", help="to this address alone")
    told = f"how many, the newest ({LIMIT})"
    parser.add_argument("--limit", type=up_to(MAILS_MAX), default=LIMIT, help=told)


def mail(options: argparse.Namespace) -> int:
    found = ask(options, ListMail(options.to, options.limit), list[Mail])
    if options.json:
        print_json_rows([to_builtins(one) | {"sent_at": iso(one.sent_at)} for one in found])
        return 0
    for one in found:
        print(f"{iso(one.sent_at)}  {one.sender} to {visible(one.address)}")
        print(f"  {visible(one.subject)}\n  {visible(one.body)}")
    if not found:
        print("nothing was mailed")
    return 0
