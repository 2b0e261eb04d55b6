"""A deployed app whose roles tests take apart: its functions run here, each with its own role."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.rehearsal.behind_role import BehindRole
from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import REGION

ACCOUNT = "000000000000"
POLICY = "exactly"
FIFO = {"trains"}
SINGLE = ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        }
    ],
}


def as_over_tls(request: Any, **_: Any) -> None:
    """What a proxy in front of MiniStack would say of a request that came over TLS."""
    request.headers["X-Forwarded-Proto"] = "https"


Trial = Callable[[], str]  # what went wrong, or nothing


@dataclass
class Stage:
    """An app on MiniStack that checks permissions. Lambda hands it no messages: tests do."""

    deployment: Deployment
    folder: Path
    plan: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        self.deployment.deployed()
        self.iam, self.sqs = self.deployment.client("iam"), self.deployment.client("sqs")
        self.functions = self.deployment.client("lambda")
        for source in self.functions.list_event_source_mappings()["EventSourceMappings"]:
            self.functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
        self._speak_without_tls()

    def _speak_without_tls(self) -> None:
        """Queues and topics refuse whoever comes without TLS, as everybody does here: they are told
        not to.
        """
        self.sqs.meta.events.register("before-sign.sqs", as_over_tls)
        for url in self.sqs.list_queues()["QueueUrls"]:
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
        sns, none = self.deployment.client("sns"), {"AttributeName": "Policy", "AttributeValue": ""}
        for one in sns.list_topics()["Topics"]:
            sns.set_topic_attributes(TopicArn=one["TopicArn"], **none)

    def physical(self, name: str) -> str:
        return f"{self.deployment.app.name}-{self.deployment.stage}-{name.replace('.', '-')}"

    def url(self, queue: str) -> str:
        name = self.physical(queue) + ".fifo" * (queue in FIFO)
        return self.sqs.get_queue_url(QueueName=name)["QueueUrl"]


class Role:
    """A function with what its role may do, which tests take parts of."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage, self.name = stage, name
        physical = stage.physical(name)
        said = stage.functions.get_function_configuration(FunctionName=physical)
        self.role = said["Role"].rpartition("/")[2]
        trust = json.dumps(TRUST)
        stage.iam.update_assume_role_policy(RoleName=self.role, PolicyDocument=trust)
        held = stage.iam.get_role_policy(RoleName=self.role, PolicyName=POLICY)["PolicyDocument"]
        self.policy: dict[str, Any] = held if isinstance(held, dict) else json.loads(held)
        for statement in self.policy["Statement"]:
            if isinstance(statement["Action"], str):
                statement["Action"] = [statement["Action"]]
        self._put(self.policy)
        sts = stage.deployment.client("sts")
        assumed = sts.assume_role(RoleArn=said["Role"], RoleSessionName="test")["Credentials"]
        self.credentials = {
            "aws_access_key_id": assumed["AccessKeyId"],
            "aws_secret_access_key": assumed["SecretAccessKey"],
            "aws_session_token": assumed["SessionToken"],
        }
        environment = {name.upper(): value for name, value in self.credentials.items()}
        environment |= said["Environment"]["Variables"]
        environment |= {"AWS_REGION": REGION, "AWS_ENDPOINT_URL": stage.deployment.stack.url}
        environment["AWS_LAMBDA_FUNCTION_NAME"] = physical
        state = stage.deployment.state / stage.deployment.app.name / "build"
        self._bundle, self._environment = state / f"{name}.zip", environment
        self.behind = self._started()

    def _started(self, late_s: float = 0) -> BehindRole:
        folder = self.stage.folder / self.name
        return BehindRole(self._bundle, folder, self._environment, late_s=late_s)

    def start_anew(self, late_s: float = 0) -> None:
        """Cold, and perhaps with a clock that is late."""
        self.behind.close()
        self.behind = self._started(late_s)

    def client(self, service: str) -> Any:
        """As Lambda's service has it: with this role."""
        return self.stage.deployment.client_of(service, **self.credentials)

    @contextmanager
    def without(self, statement: int, action: str) -> Iterator[None]:
        cut = json.loads(json.dumps(self.policy))
        cut["Statement"][statement]["Action"].remove(action)
        cut["Statement"] = [one for one in cut["Statement"] if one["Action"]]
        self._put(cut)
        yield
        self._put(self.policy)

    def _put(self, policy: Mapping[str, Any]) -> None:
        if policy["Statement"]:
            said = json.dumps(as_emulated(policy))
            self.stage.iam.put_role_policy(
                RoleName=self.role, PolicyName=POLICY, PolicyDocument=said
            )
        else:
            self.stage.iam.delete_role_policy(RoleName=self.role, PolicyName=POLICY)


OF_GROUP = re.compile(r":schedule/[^/]+/\*")
UNASKED = {"iam:PassRole"}
# MiniStack asks for these by names that are no actions of IAM: AWS asks for the one they repeat.
BATCHES = {f"sqs:{one}": f"sqs:{one}Batch" for one in SINGLE}
BATCHES["sns:Publish"] = "sns:PublishBatch"


def as_emulated(policy: Mapping[str, Any]) -> dict[str, Any]:
    """The same policy in what MiniStack asks about. An own log is `<group>:*` to AWS, as its own
    roles for functions have it, and `<group>` here (core/iam_actions.py: `log-group:{name}`);
    it asks for what is done with a stream on `*` (there, `service == "dynamodb"`), and for what is
    done with a schedule as if that were of the group `default` (there, `service == "scheduler"`).
    """
    said = json.loads(json.dumps(policy))
    for statement in said["Statement"]:
        actions: list[str] = statement["Action"]
        actions += [BATCHES[action] for action in actions if action in BATCHES]
        if actions[0].startswith("logs:"):
            statement["Resource"] = statement["Resource"].removesuffix(":*")
        if "/stream/" in str(statement["Resource"]):
            statement["Resource"] = "*"
        if ":schedule/" in str(statement["Resource"]):
            statement["Resource"] = OF_GROUP.sub(":schedule/default/*", statement["Resource"])
    return said


# -- the claim


def prove(role: Role, trials: Sequence[Trial]) -> None:
    """All pass with the role, and without any action of it one does not: but for those that
    MiniStack never asks for.
    """
    try:
        for trial in trials:
            told = trial()
            assert not told, f"{role.name}: {told}"
        spare = list(spare_actions(role, trials))
        assert (role.name, spare) == (role.name, [])
    finally:
        role.behind.close()


def spare_actions(role: Role, trials: Sequence[Trial]) -> Iterator[str]:
    for number, statement in enumerate(role.policy["Statement"]):
        for action in statement["Action"]:
            with role.without(number, action):
                if action not in UNASKED and not any(trial() for trial in trials):
                    yield f"{action} on {statement['Resource']}"
