"""The files of sites, into their buckets: what changed, first all that pages ask for, then pages,
and last what is no more goes. A run that was cut off is begun again, and converges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import file_digest, md5
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ....graph.media import ASK, kept, type_of
from ....resources.site import INDEX
from ..failure import in_words, unless
from ..names import logical
from ..plan import Plan, PlannedSite
from .session import IN_PARALLEL, Account, AwsClient
from .stack import Stack
from .state import delete

ABSENT = {"NoSuchBucket", "404"}
PATHS_MAX = 15  # of one invalidation; more are said as everything, which counts as one


@dataclass(frozen=True)
class Sources:
    """The folders of sites by their names, and what names this run."""

    folders: Mapping[str, Path]
    token: str


def brought(
    account: Account, stack: Stack, plan: Plan, before: Plan | None, sources: Sources
) -> int:
    """How many were put or removed. Afterwards each bucket holds what its site has."""
    known = {one.name: one.files for one in before.sites} if before else {}
    with in_words():
        return sum(
            _of_site(account, stack, one, known.get(one.name, {}), sources) for one in plan.sites
        )


def removed(account: Account, stack: Stack, plan: Plan, before: Plan | None) -> None:
    """The buckets of sites that are no more, which their stack let go. Production keeps them."""
    gone = {one.name for one in before.sites} - {one.name for one in plan.sites} if before else ()
    if plan.is_production:
        return
    with in_words():
        for name in gone:
            empty(account, stack.outputs[f"{logical(name)}Bucket"])


def empty(account: Account, bucket: str) -> None:
    """And away with it."""
    s3 = account.client("s3")
    found: dict[str, str] | None = unless(ABSENT, tags_of, s3=s3, bucket=bucket)
    if found is not None:
        delete(s3, bucket, {*found})  # nothing for a bucket that is empty
        unless(ABSENT, s3.delete_bucket, Bucket=bucket)


def _of_site(
    account: Account, stack: Stack, site: PlannedSite, known: Mapping[str, str], sources: Sources
) -> int:
    folder = sources.folders[site.name]
    s3, bucket = account.client("s3"), stack.outputs[f"{logical(site.name)}Bucket"]
    there = tags_of(s3, bucket)
    changed = [
        name
        for name, digest in site.files.items()
        if there.get(name) != tag_of(folder / name) or known.get(name) != digest
    ]

    def put(name: str) -> None:
        said: dict[str, Any] = {"ContentType": type_of(name), "CacheControl": kept(name)}
        with (folder / name).open("rb") as body:
            s3.put_object(Bucket=bucket, Key=name, Body=body, **said)

    with ThreadPoolExecutor(IN_PARALLEL) as threads:
        list(threads.map(put, (one for one in changed if not is_page(one))))
        list(threads.map(put, filter(is_page, changed)))
    old = there.keys() - site.files.keys()
    delete(s3, bucket, {*old})
    stale = [name for name in (*changed, *sorted(old)) if name in there and kept(name) == ASK]
    if stale:
        distribution = stack.outputs[f"{logical(site.name)}Distribution"]
        invalidate(account, distribution, stale, f"{site.name}-{sources.token}")
    return len(changed) + len(old)


def is_page(name: str) -> bool:
    return name.endswith((".html", ".htm"))


def tag_of(file: Path) -> str:
    """As the bucket tells what is in a file that was put in one piece."""
    with file.open("rb") as opened:
        return file_digest(opened, lambda: md5(usedforsecurity=False)).hexdigest()


def tags_of(s3: AwsClient, bucket: str) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {
        one["Key"]: one["ETag"].strip('"') for page in pages for one in page.get("Contents", ())
    }


def invalidate(account: Account, distribution: str, names: Iterable[str], token: str) -> None:
    """What is kept for a moment at the edge is forgotten at once."""
    paths = sorted({path for name in names for path in paths_of(name)})
    paths = ["/*"] if len(paths) > PATHS_MAX else paths
    asked = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": token}
    client: AwsClient = account.client("cloudfront")
    client.create_invalidation(DistributionId=distribution, InvalidationBatch=asked)


def paths_of(name: str) -> Iterator[str]:
    """Under which a file is kept: after the edge has decided which it is."""
    yield f"/{quote(name)}"
    if name == INDEX:
        yield "/"
