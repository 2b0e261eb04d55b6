"""Code without its stack: when nothing but bundles changed, functions are updated directly, at once
and in seconds.

The template then names older code than what runs, and a stack's update leaves a function alone
whose template reads as before. So after every deploy Lambda itself is asked what each function
runs, and what differs is set right (docs/adr/0009-deploy.md).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..failure import DeployFailed, in_words, unless
from .progress import FIRST_PAUSE_S, Progress
from .session import IN_PARALLEL, Account, AwsClient
from .state import Place

BUSY = {"ResourceConflictException"}  # another update of it has not ended
ABSENT = {"ResourceNotFoundException"}
TRIES = 60

K = TypeVar("K")
V = TypeVar("V")


def set_code(
    account: Account, place: Place, code: Mapping[str, str], progress: Progress
) -> list[str]:
    """Which of these functions ran something else; all of them run what `code` says, by digest,
    and answer with it.
    """
    client = account.client("lambda")

    def differs(function: str) -> bool:
        return running(client, function) != code[function]

    def update(function: str) -> None:
        change(client, function, place, code[function], progress)
        progress.say(f"{function}: new code")

    with in_words():
        different = in_parallel(differs, code)
        behind = sorted(function for function, is_other in different.items() if is_other)
        in_parallel(update, behind)
    return behind


def running(client: AwsClient, function: str) -> str:
    """The digest of its code."""
    # GetFunction, not GetFunctionConfiguration: AWS allows 100 of it a second instead of 15.
    said = unless(ABSENT, client.get_function, FunctionName=function)
    if said is None:
        raise DeployFailed(
            f"{function} is gone: another deploy or somebody by hand deleted it meanwhile",
            "run it again; if it stays gone, take it out of the app, deploy, put it back, deploy",
        )
    return b64decode(said["Configuration"]["CodeSha256"]).hex()


def change(client: AwsClient, function: str, place: Place, digest: str, progress: Progress) -> None:
    where = {"S3Bucket": place.bucket, "S3Key": place.bundle(digest)}
    for _ in range(TRIES):
        if unless(BUSY, client.update_function_code, FunctionName=function, **where):
            return wait(client, function, progress)
        progress.sleep(FIRST_PAUSE_S * 5)
    raise DeployFailed(f"{function} is being changed by somebody else", "run it again")


def wait(client: AwsClient, function: str, progress: Progress) -> None:
    pause_s = FIRST_PAUSE_S
    while True:
        said = client.get_function(FunctionName=function)["Configuration"]
        if said["LastUpdateStatus"] == "Successful":
            return
        if said["LastUpdateStatus"] == "Failed":
            reason = said.get("LastUpdateStatusReason", "no reason given")
            raise DeployFailed(f"{function} does not take its new code: {reason}", "run it again")
        pause_s = progress.pause(pause_s)


def in_parallel(do: Callable[[K], V], over: Iterable[K]) -> dict[K, V]:
    keys = list(over)
    with ThreadPoolExecutor(IN_PARALLEL) as threads:
        return dict(zip(keys, threads.map(do, keys), strict=True))
