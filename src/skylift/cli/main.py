"""`skylift`: one word for what to do. Exit codes: 0 done, 1 an error that is ours, 2 a mistake of
the user's (in the command, the app or the state) or a refusal, 3 AWS failed, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Sequence

from .. import errors
from ..aws.deploy.failure import DeployFailed, DeployRefused
from .load import UserError

COMMANDS = {
    "new": "make a small app to start from",
    "dev": "run apps, reload them when their code changes",
    "serve": "run one app, for a small server",
    "graph": "what an app is made of and what each function may do",
    "routes": "the routes of an app",
    "invoke": "call one function once, with an event",
    "queue": "what waits in the queues, what was given up: ls, peek, redrive, purge",
    "mail": "what was mailed to whom: codes, and notes",
    "bus": "tell again what a bus was told, from its archive: replay",
    "secret": "the secrets of an app: set, ls, rm",
    "logs": "what an app has logged",
    "traces": "what led to what: the last traces, or one as a tree",
    "metrics": "how often functions ran, how long they took, how they ended",
    "build": "make the bundle of each function, and say what it weighs",
    "diff": "what a deploy would change, and what that costs",
    "deploy": "bring an app to AWS, or what changed of it",
    "destroy": "take an app's stage off AWS",
    "eject": "write an app's stage as plain CloudFormation, yours to take away",
    "doctor": "look at the machine, the app and its state, and say what is wrong",
}
MODULES = {"dev": "run", "serve": "run"}


def main(arguments: Sequence[str] | None = None) -> int:
    said = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = _parsed(said)
        return options.run(options)
    except (UserError, errors.StateError, DeployRefused) as error:
        print(f"skylift: {error}", file=sys.stderr)
        return 3 if isinstance(error, DeployFailed) else 2
    except errors.DeclarationError as error:
        count = len(error.mistakes)
        print(f"skylift: {count} mistake{'s' * (count > 1)} in the app\n{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `skylift routes APP | head`: whoever read has seen enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (the interpreter flushes it at its end)
        return 0
    except Exception:
        print("skylift: this is a bug of skylift itself, please report it", file=sys.stderr)
        traceback.print_exc()
        return 1


def _parsed(said: Sequence[str]) -> argparse.Namespace:
    """The options. An argument that may be left out, named by `late`, may stand behind options too:
    `skylift traces APP --state DIR ID`, which argparse by itself does not see.
    """
    parser = _parser(said)
    options, more = parser.parse_known_args(said)
    late: str | None = getattr(options, "late", None)
    if late and getattr(options, late) is None and len(more) == 1 and not more[0].startswith("-"):
        setattr(options, late, more.pop())
    if more:
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    return options


def _parser(said: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="skylift", description="Event-driven apps: durable here, serverless on AWS."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told, description=told)
        if name in said[:1]:  # only the module of the command that runs is loaded
            _equip(name, command)
    return parser


def _equip(name: str, command: argparse.ArgumentParser) -> None:
    module = importlib.import_module(f".{MODULES.get(name, name)}", __package__)
    if name == "dev":
        command.add_argument(
            "apps", nargs="*", metavar="APP", help="folder with app.py, or module:attribute"
        )
        command.add_argument(
            "--fast-retries", action="store_true", help="what failed comes back within 0.1 s"
        )
    elif name == "serve":
        command.add_argument("app", metavar="APP", help="folder with app.py, or module:attribute")
        command.set_defaults(fast_retries=False)
    module.add_arguments(command)
    command.set_defaults(run=getattr(module, name))


if __name__ == "__main__":
    sys.exit(main())
