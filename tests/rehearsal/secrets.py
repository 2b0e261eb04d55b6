"""Secrets and settings on MiniStack: secrets as `skylift secret set` leaves them, settings as they
stand in the environment of a function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skylift.aws.runtime.secret_ssm import KeptSecret, service_of
from skylift.engine.setting import SaidSetting
from skylift.resources.secret import Secret
from skylift.resources.setting import Setting

if TYPE_CHECKING:
    from tests.rehearsal.stand import AwsStand


def make_secret(stand: AwsStand, secret: Secret) -> None:
    """Its name alone: nobody has set it."""
    path = f"{stand.name}/dev/{secret.name}"
    stand.places[secret.name] = path if secret.rotate else f"/{path}"


def open_secret(stand: AwsStand, secret: Secret) -> KeptSecret:
    place = stand.places[secret.name]
    return KeptSecret(stand.asking(service_of(secret)), place, secret, stand.clock)


def open_setting(stand: AwsStand, setting: Setting[Any]) -> SaidSetting:
    return SaidSetting(setting, stand.environment)


def set_secret(stand: AwsStand, name: str, value: str) -> None:
    place = stand.places[name]
    if place.startswith("/"):
        asked = {"Name": place, "Value": value, "Type": "SecureString", "Overwrite": True}
        stand.call("ssm", "PutParameter", asked)
        return
    known = stand.call("secretsmanager", "ListSecrets", {})["SecretList"]
    if any(one["Name"] == place for one in known):
        asked = {
            "SecretId": place,
            "SecretString": value,
            "ClientRequestToken": stand.entropy.token_bytes(16).hex(),
        }
        stand.call("secretsmanager", "PutSecretValue", asked)
    else:
        asked = {
            "Name": place,
            "SecretString": value,
            "ClientRequestToken": stand.entropy.token_bytes(16).hex(),
        }
        stand.call("secretsmanager", "CreateSecret", asked)


def remove_secret(stand: AwsStand, name: str) -> None:
    place = stand.places[name]
    if place.startswith("/"):
        stand.call("ssm", "DeleteParameter", {"Name": place})
    else:
        asked = {"SecretId": place, "ForceDeleteWithoutRecovery": True}
        stand.call("secretsmanager", "DeleteSecret", asked)
