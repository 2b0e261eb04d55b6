"""What commands that reach AWS have in common: which stage, which account and region, and how they
fail.
"""

from __future__ import annotations

import argparse
import sys

from msgspec.structs import asdict

from ..aws.deploy.failure import DeployFailed, DeployRefused
from ..aws.deploy.names import checked_stage
from ..aws.deploy.stack.progress import Progress
from ..aws.deploy.stack.session import Account, account
from ..errors import DeclarationError
from ..system import ENVIRONMENT, SystemClock, sleep
from .load import UserError
from .reading import mistakes_of, print_json

STAGE = "dev"


def add_stage_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", default=STAGE, help=f"which of the app's deployments ({STAGE})")


def add_account_arguments(parser: argparse.ArgumentParser) -> None:
    add_stage_argument(parser)
    parser.add_argument("--region", help="of AWS (AWS_REGION, or that of the profile)")
    parser.add_argument(
        "--endpoint-url", help="an emulator instead of AWS (AWS_ENDPOINT_URL)", metavar="URL"
    )


def add_allow_destroy(parser: argparse.ArgumentParser, told: str) -> None:
    parser.add_argument(
        "--allow-destroy", nargs="+", action="extend", default=[], metavar="NAME", help=told
    )


def account_of(options: argparse.Namespace) -> Account:
    checked_stage(options.stage)
    # boto3 itself reads AWS_DEFAULT_REGION alone; every other tool of AWS reads this one too.
    return account(options.region or ENVIRONMENT.get("AWS_REGION"), options.endpoint_url)


def progress() -> Progress:
    """To standard error, whatever that is: lines that stay."""
    return Progress(
        lambda line: print(f"{line}\n", end="", file=sys.stderr, flush=True),
        SystemClock.monotonic,
        sleep,
    )


def told_as_json(options: argparse.Namespace, error: Exception) -> None:
    """With --json an error is a document too, before it is raised."""
    if not options.json:
        return
    said: dict[str, object] = {"app": options.app, "stage": options.stage}
    if isinstance(error, DeployRefused):
        outcome = "failed" if isinstance(error, DeployFailed) else "refused"
        print_json(said | {"outcome": outcome, "reason": error.reason, "hint": error.remedy})
    elif isinstance(error, UserError | DeclarationError):
        found = [asdict(mistake) for mistake in mistakes_of(error)]
        print_json(said | {"outcome": "refused", "mistakes": found})
