"""The account and region something is deployed to. The only door to boto3, which only a machine
that deploys has: the extra `skylift[aws]`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..failure import DeployFailed, DeployRefused, in_words

AwsClient = Any  # boto3 makes its clients at run time: no checker knows them
IN_PARALLEL = 16
ATTEMPTS = {"sts": 2}  # the first call of all: who mistyped the endpoint need not wait long
REMEDY = "pip install 'skylift[aws]'"


@dataclass(frozen=True)
class Account:
    number: str
    region: str
    partition: str  # aws, aws-cn, aws-us-gov
    session: Any
    endpoint_url: str | None
    _clients: dict[str, AwsClient] = field(default_factory=dict[str, AwsClient], repr=False)

    def url(self, bucket: str, key: str) -> str:
        """Where CloudFormation reads a template; it takes the bucket in the path as well."""
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"https://s3.{self.region}.{suffix}/{bucket}/{key}"

    def client(self, service: str) -> AwsClient:
        """One for each service: making one reads megabytes of what the service can do."""
        from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]

        if service not in self._clients:
            standard: Any = {"mode": "standard", "total_max_attempts": ATTEMPTS.get(service, 6)}
            config = Config(retries=standard, max_pool_connections=IN_PARALLEL)
            made = self.session.client(service, endpoint_url=self.endpoint_url, config=config)
            self._clients[service] = made
        return self._clients[service]


def account(region: str | None = None, endpoint_url: str | None = None) -> Account:
    """Who the credentials at hand belong to; what is wrong with them is said in words."""
    try:
        import boto3  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise DeployRefused("to deploy needs boto3, which is not installed", REMEDY) from error
    try:
        with in_words():
            session: Any = boto3.Session(region_name=region)
            if not session.region_name:
                remedy = "--region eu-west-1, or AWS_REGION=eu-west-1"
                raise DeployRefused("no region was said", remedy)
            asking = Account("", session.region_name, "aws", session, endpoint_url)
            said = asking.client("sts").get_caller_identity()
    except DeployFailed as failure:  # nothing was begun
        raise DeployRefused(failure.reason, failure.remedy) from failure
    except ValueError as error:  # so botocore says it of an endpoint without http:// in front
        remedy = "--endpoint-url http://127.0.0.1:4566, or AWS_ENDPOINT_URL"
        raise DeployRefused(f"that is no URL ({error})", remedy) from error
    partition = said["Arn"].split(":")[1]
    return Account(said["Account"], session.region_name, partition, session, endpoint_url)
