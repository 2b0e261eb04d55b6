"""A Secret on AWS: a parameter of SSM that is encrypted, or a secret of Secrets Manager where it is
to be changed by itself. No template makes it, for that would hold its value: `skylift secret set`
does, before or after a deploy. Here is what it is called.
"""

from __future__ import annotations

from ...graph.model import Graph
from ...resources.secret import Secret
from .names import logical
from .plan import PlannedSecret
from .reference import arn

OWN = "${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
RESERVED = ("aws", "ssm")  # SSM's own names begin with it


def planned(secret: Secret, graph: Graph, stage: str) -> PlannedSecret:
    return PlannedSecret(secret.name, place(secret, graph, stage), secret.rotate)


def place(secret: Secret, graph: Graph, stage: str) -> str:
    """Its name there."""
    path = f"{graph.app}/{stage}/{secret.name}"
    return path if secret.rotate else f"/{path}"


def reference(secret: Secret) -> str:
    """As a plan says it; see `own_arn`."""
    return arn(logical(secret.name, "Secret"))


def own_arn(secret: PlannedSecret) -> str:
    """Secrets Manager adds six letters of its own to a name."""
    if secret.is_rotated:
        return f"arn:{OWN % 'secretsmanager'}secret:{secret.physical}-??????"
    return f"arn:{OWN % 'ssm'}parameter{secret.physical}"
