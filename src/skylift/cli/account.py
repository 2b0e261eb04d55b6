"""What commands that reach AWS have in common: which stage, which account and region, and how they
fail.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from contextlib import contextmanager

from msgspec.structs import asdict

from ..aws.deploy.failure import DeployFailed, DeployRefused
from ..aws.deploy.names import checked_stage
from ..aws.deploy.stack.progress import Progress
from ..aws.deploy.stack.session import Account, account
from ..aws.deploy.stack.stack import Stack
from ..errors import DeclarationError
from ..system import ENVIRONMENT, SystemClock, sleep
from .load import UserError
from .reading import mistakes_of, print_json

STAGE = "dev"
AGAIN = "run it again"
GOES_ON = "run it again: it waits for what CloudFormation was told, and makes the rest so"


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
        "--allow-destroy",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help=f"{told}; behind APP",
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


def tell_if_unknown(stack: Stack | None, before: object) -> None:
    """A stack that nobody wrote down is compared with by CloudFormation alone."""
    if before is None and stack is not None and stack.is_made:
        reason = "its first deploy was cut off, or the document in the bucket is gone"
        print(
            f"note: what stack {stack.name} is made of is not known ({reason}): all is told as new",
            file=sys.stderr,
        )


@contextmanager
def telling_why(options: argparse.Namespace, *, interrupted: str = AGAIN) -> Generator[None]:
    """What stops a command: with --json it is a document too, before it is raised."""
    try:
        yield
    except (UserError, DeclarationError, DeployRefused, KeyboardInterrupt) as error:
        if options.json:
            said = {"app": options.app, "stage": options.stage}
            print_json(said | stopped(error, interrupted))
        if isinstance(error, KeyboardInterrupt):
            print(f"skylift: interrupted\n    hint: {interrupted}", file=sys.stderr)
        raise


def stopped(error: BaseException, interrupted: str) -> dict[str, object]:
    if isinstance(error, DeployRefused):
        outcome = "failed" if isinstance(error, DeployFailed) else "refused"
        return {"outcome": outcome, "reason": error.reason, "hint": error.remedy}
    if isinstance(error, UserError | DeclarationError):
        return {"outcome": "refused", "mistakes": [asdict(one) for one in mistakes_of(error)]}
    return {"outcome": "interrupted", "reason": "interrupted", "hint": interrupted}
