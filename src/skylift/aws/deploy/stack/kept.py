"""Secrets of a stage, where AWS keeps them: written by a command, and never by a template. A value
is sent once and comes back to no machine that deploys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ..failure import in_words, unless
from ..plan import PlannedSecret
from .session import Account

AT_ONCE = 10  # of GetParameters
ABSENT = {"ParameterNotFound", "ResourceNotFoundException"}


def put(account: Account, secret: PlannedSecret, value: str) -> None:
    with in_words():
        if not secret.is_rotated:
            asked = {"Name": secret.physical, "Value": value, "Type": "SecureString"}
            account.client("ssm").put_parameter(**asked, Overwrite=True)
            return
        client = account.client("secretsmanager")
        given = {"SecretString": value}
        if unless(ABSENT, client.put_secret_value, SecretId=secret.physical, **given) is None:
            client.create_secret(Name=secret.physical, **given)


def remove(account: Account, secret: PlannedSecret) -> bool:
    """Whether there was one."""
    with in_words():
        if not secret.is_rotated:
            client = account.client("ssm")
            return unless(ABSENT, client.delete_parameter, Name=secret.physical) is not None
        client = account.client("secretsmanager")
        asked = {"SecretId": secret.physical}
        if unless(ABSENT, client.describe_secret, **asked) is None:
            return False
        # At once: else its name is taken for a week, and cannot be set again.
        client.delete_secret(**asked, ForceDeleteWithoutRecovery=True)
        return True


def set_at(account: Account, secrets: Sequence[PlannedSecret]) -> dict[str, float | None]:
    """When each was set, in seconds since the epoch; None where it was not."""
    with in_words():
        return {one.name: None for one in secrets} | dict(_found(account, secrets))


def _found(account: Account, secrets: Sequence[PlannedSecret]) -> Iterator[tuple[str, float]]:
    names = {one.physical: one.name for one in secrets if not one.is_rotated}
    rest = iter(sorted(names))
    while some := list(islice(rest, AT_ONCE)):
        # As they lie: nothing is opened to see whether it is there.
        said = account.client("ssm").get_parameters(Names=some, WithDecryption=False)
        for one in said["Parameters"]:
            yield names[one["Name"]], one["LastModifiedDate"].timestamp()
    for one in (one for one in secrets if one.is_rotated):
        call: Any = account.client("secretsmanager").describe_secret
        found = unless(ABSENT, call, SecretId=one.physical)
        if found is not None and "DeletedDate" not in found:
            yield one.name, found["LastChangedDate"].timestamp()


def unset(account: Account, secrets: Sequence[PlannedSecret]) -> list[str]:
    """The names of those that have no value."""
    return [name for name, at in set_at(account, secrets).items() if at is None]
