"""What goes wrong at AWS, in words: what, and what next. Two kinds, because a program that deploys
needs to know: it was refused before anything changed, or it failed on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Generator
from contextlib import contextmanager
from typing import Any


class DeployRefused(Exception):
    """Nothing was changed; whoever asked can do something about it."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(f"{reason}\n    hint: {remedy}" if remedy else reason)
        self.reason, self.remedy = reason, remedy


class DeployFailed(DeployRefused):
    """Something was begun and did not end well; running it again is always safe."""


LOGIN = "`aws configure`, `aws sso login` or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
NO_CREDENTIALS = ("there are no credentials for AWS", LOGIN)
# The name of botocore's exception, or the code AWS answered: (reason, remedy).
TROUBLES: dict[str, tuple[str, str]] = {
    "NoCredentialsError": NO_CREDENTIALS,
    "CredentialRetrievalError": NO_CREDENTIALS,
    "PartialCredentialsError": ("the credentials for AWS are incomplete", LOGIN),
    "ProfileNotFound": ("there is no such profile", "see AWS_PROFILE and ~/.aws/config"),
    "InvalidRegionError": ("that is no region", "--region eu-west-1, or AWS_REGION=eu-west-1"),
    "NoRegionError": ("no region was said", "say --region eu-west-1, or AWS_REGION=eu-west-1"),
    "ExpiredToken": ("the credentials for AWS have expired", "log in again: " + LOGIN),
    "ExpiredTokenException": ("the credentials for AWS have expired", "log in again: " + LOGIN),
    "RequestExpired": ("the credentials for AWS have expired", "log in again: " + LOGIN),
    "UnauthorizedSSOTokenError": ("the login has expired", "`aws sso login`"),
    "SSOTokenLoadError": ("nobody is logged in", "`aws sso login`"),
    "TokenRetrievalError": ("the login has expired", "`aws sso login`"),
    "InvalidClientTokenId": ("AWS does not know these credentials", LOGIN),
    "UnrecognizedClientException": ("AWS does not know these credentials", LOGIN),
    "SignatureDoesNotMatch": ("the secret key does not fit the access key", LOGIN),
    "EndpointConnectionError": ("nothing answers there", "see --endpoint-url, --region, the net"),
    "ConnectTimeoutError": ("nothing answers there", "see --endpoint-url, --region, the net"),
    "ConnectionClosedError": ("the connection was lost", "run it again"),
    "ReadTimeoutError": ("AWS did not answer in time", "run it again"),
    "BucketAlreadyExists": ("its name is taken", "every bucket of the world has another name"),
    "ResponseParserError": ("what answers is not AWS", "see --endpoint-url, --region, the net"),
    "AccessDenied": ("AWS denied it", "whoever deploys needs this permission"),
    "AccessDeniedException": ("AWS denied it", "whoever deploys needs this permission"),
}


@contextmanager
def in_words() -> Generator[None]:
    """What botocore raises inside comes out as a sentence."""
    from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
        BotoCoreError,
        ClientError,
    )
    from botocore.parsers import (  # pyright: ignore[reportMissingTypeStubs]
        ResponseParserError,
    )

    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise worded(error) from error


def unless(codes: Container[str], call: Callable[..., Any], **asked: object) -> Any:
    """What AWS answers, or None where it answers with one of these codes."""
    from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

    try:
        return call(**asked)
    except ClientError as error:
        if code_of(error) in codes:
            return None
        raise


def worded(error: Exception) -> DeployFailed:
    known = TROUBLES.get(code_of(error)) or TROUBLES.get(type(error).__name__)
    said = str(error).partition("\n")[0]  # behind it may be all that was answered
    if not known:
        return DeployFailed(f"AWS: {said}", "run it again: what was done stays done")
    reason, remedy = known
    return DeployFailed(f"{reason} ({said})", remedy)


def code_of(error: Exception) -> str:
    """The code of a ClientError, and nothing of any other."""
    response: Any = getattr(error, "response", None)
    return response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
