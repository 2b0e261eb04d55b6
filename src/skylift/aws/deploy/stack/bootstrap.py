"""The bucket that holds bundles, templates and what is deployed: one for an account and region,
made by the first deploy. Making it again changes nothing, so two first deploys may race.
"""

from __future__ import annotations

import json

from ..failure import DeployFailed, DeployRefused, in_words, unless
from .session import Account, AwsClient

OLD_DAYS = 30  # what a deploy replaced or deleted, should somebody miss it
# By age alone a bundle must not go: a failed deploy is rolled back to what is old and in use. The
# deploys delete what no stack refers to any more; this ends what they deleted.
OLD_GOES = {
    "ID": "what was replaced or deleted",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"ExpiredObjectDeleteMarker": True},
    "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_DAYS},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}
RACED = {"BucketAlreadyOwnedByYou", "OperationAborted"}  # the second of two that race
ABSENT = {"404", "NoSuchBucket", "NoSuchBucketPolicy"}


def bucket_name(account: Account) -> str:
    return f"skylift-{account.number}-{account.region}"


def bucket(account: Account) -> str:
    """Its name, once it is there and shut to everybody else."""
    s3, name = account.client("s3"), bucket_name(account)
    try:
        with in_words():
            if not is_there(s3, name, account):
                make(s3, name, account)
    except DeployFailed as failure:  # it holds what is deployed, and nothing was deployed yet
        remedy = f"{failure.remedy}; if {name} is another account's bucket, take another region"
        raise DeployRefused(f"bucket {name}: {failure.reason}", remedy) from failure
    return name


def is_there(s3: AwsClient, name: str, account: Account) -> bool:
    """Complete: its policy is what `make` puts last. A bucket that somebody else owns is none."""
    asked = {"Bucket": name, "ExpectedBucketOwner": account.number}
    return unless(ABSENT, s3.get_bucket_policy, **asked) is not None


def make(s3: AwsClient, name: str, account: Account) -> None:
    create(s3, name, account.region)
    owner = {"Bucket": name, "ExpectedBucketOwner": account.number}
    s3.put_public_access_block(
        **owner,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_encryption(
        **owner,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    s3.put_bucket_versioning(**owner, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(**owner, LifecycleConfiguration={"Rules": [OLD_GOES]})
    s3.put_bucket_policy(**owner, Policy=json.dumps(tls_only(name, account.partition)))


def create(s3: AwsClient, name: str, region: str) -> None:
    place = {"LocationConstraint": region}
    more = {} if region == "us-east-1" else {"CreateBucketConfiguration": place}
    unless(RACED, s3.create_bucket, Bucket=name, **more)
    s3.get_waiter("bucket_exists").wait(Bucket=name)


def tls_only(name: str, partition: str) -> dict[str, object]:
    arn = f"arn:{partition}:s3:::{name}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
