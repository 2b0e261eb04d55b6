"""What is deployed, as the last deploy left it: one JSON document in the bucket for each app and
stage. Written before a stack is touched (`begun`) and after it stands, so that a deploy that was
cut off is seen by the next; the truth about code is always asked from Lambda.
"""

from __future__ import annotations

from typing import Any

from msgspec import DecodeError, Struct, field, json, structs

from ..failure import DeployFailed, in_words, unless
from .session import Account, AwsClient

VERSION = 1
ABSENT = {"NoSuchKey", "NoSuchBucket", "404"}


class Place(Struct, frozen=True):
    """Where in the bucket an app's stage keeps what is its own."""

    bucket: str
    app: str
    stage: str

    @property
    def prefix(self) -> str:
        return f"apps/{self.app}/{self.stage}/"

    @property
    def document(self) -> str:
        return f"{self.prefix}deployed.json"

    def bundle(self, digest: str) -> str:
        return f"{self.prefix}bundles/{digest}.zip"

    def template(self, digest: str) -> str:
        return f"{self.prefix}templates/{digest}.json"


class Deployed(Struct, frozen=True, kw_only=True):
    """`made` says by what the stack became what it is: anything else means that somebody else
    changed it. `code` is what runs, `of_stack` what CloudFormation would roll back to.
    """

    stack: str
    made: str
    shape: str  # of its templates, whatever code they name
    plan: Any = None
    code: dict[str, str] = field(default_factory=dict[str, str])  # digests by physical function
    of_stack: list[str] = field(default_factory=list[str])  # digests
    is_begun: bool = False  # and did not end: nobody knows what the stack looks like
    version: int = VERSION


def begun(deployed: Deployed) -> Deployed:
    return structs.replace(deployed, is_begun=True)


def read(account: Account, place: Place) -> Deployed | None:
    """What is deployed, or None when nothing is."""
    s3 = account.client("s3")
    with in_words():
        found = unless(ABSENT, s3.get_object, Bucket=place.bucket, Key=place.document)
        return decoded(found["Body"].read(), place) if found else None


def decoded(document: bytes, place: Place) -> Deployed:
    where = f"s3://{place.bucket}/{place.document}"
    try:
        deployed = json.decode(document, type=Deployed)
    except DecodeError as error:
        remedy = "an older version of it is in the bucket; without it everything is deployed anew"
        raise DeployFailed(f"{where} is damaged: {error}", remedy) from error
    if deployed.version > VERSION:
        raise DeployFailed(f"{where} was written by a newer skylift", "update skylift")
    return deployed


def write(account: Account, place: Place, deployed: Deployed) -> None:
    with in_words():
        account.client("s3").put_object(
            Bucket=place.bucket,
            Key=place.document,
            Body=json.format(json.encode(deployed), indent=2),
            ContentType="application/json",
        )


def forget(account: Account, place: Place) -> None:
    """Everything the bucket holds of this app's stage."""
    s3 = account.client("s3")
    with in_words():
        delete(s3, place.bucket, keys_under(s3, place.bucket, place.prefix))


def keep_only(account: Account, place: Place, digests: set[str]) -> None:
    """Bundles and templates that neither the stack nor a roll-back of it refers to go."""
    s3 = account.client("s3")
    with in_words():
        kept = {place.document} | {place.bundle(one) for one in digests}
        kept |= {place.template(one) for one in digests}
        delete(s3, place.bucket, keys_under(s3, place.bucket, place.prefix) - kept)


def keys_under(s3: AwsClient, bucket: str, prefix: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {one["Key"] for page in pages for one in page.get("Contents", [])}


def delete(s3: AwsClient, bucket: str, keys: set[str]) -> None:
    ordered = sorted(keys)
    for start in range(0, len(ordered), 1000):
        some = [{"Key": key} for key in ordered[start : start + 1000]]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
