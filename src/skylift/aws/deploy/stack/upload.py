"""Files into the bucket, under the digest of what they hold: what is there already stays there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from ..failure import in_words
from .session import IN_PARALLEL, Account
from .state import keys_under

Read = Callable[[], bytes]


def upload(account: Account, bucket: str, prefix: str, files: Mapping[str, Read]) -> int:
    """How many were absent; all of them are there afterwards. `files` are by key, and only what is
    uploaded is read.
    """
    s3 = account.client("s3")

    def put(key: str) -> None:
        s3.put_object(Bucket=bucket, Key=key, Body=files[key]())

    with in_words():
        absent = sorted(files.keys() - keys_under(s3, bucket, prefix))
        with ThreadPoolExecutor(IN_PARALLEL) as threads:
            list(threads.map(put, absent))
    return len(absent)
