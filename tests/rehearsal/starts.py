"""Functions on MiniStack that are started: in the place of each stands a tiny one, which sends what
it is called with to the queue in which a contract looks for it.
"""

from __future__ import annotations

import io
import time
import zipfile
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from skylift.aws.runtime.client_rest import Rest, body_of, called, path_of
from skylift.aws.runtime.start_lambda import VERSION, LambdaStarter
from skylift.aws.runtime.wait import drive
from skylift.function import Function
from skylift.ports import Outgoing

if TYPE_CHECKING:
    from tests.rehearsal.stand import AwsStand

PATIENCE_S = 20.0
ROLE = "arn:aws:iam::000000000000:role/anybody"
SCOPE = "Credential=test/20610101/eu-west-1/sqs/aws4_request"
CODE = f"""
import json, os, urllib.request

def handler(event, context):
    asked = {{"QueueUrl": os.environ["QUEUE"], "MessageBody": json.dumps(event)}}
    headers = {{
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "AmazonSQS.SendMessage",
        "Authorization": "AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature=0",
    }}
    body = json.dumps(asked).encode()
    urllib.request.urlopen(urllib.request.Request(os.environ["PLACE"], body, headers)).read()
"""


def is_started(function: Function[..., Any]) -> bool:
    """All others have something else in a contract that calls them."""
    return function.trigger.kind == "queue"


def make_start(stand: AwsStand, function: Function[..., Any]) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("tiny.py", CODE)
    asked = {
        "FunctionName": called_there(stand, function),
        "Runtime": "python3.11",
        "Role": ROLE,
        "Handler": "tiny.handler",
        "Code": {"ZipFile": b64encode(code.getvalue()).decode()},
        "Environment": {
            "Variables": {"QUEUE": stand.places[function.name], "PLACE": stand.endpoint}
        },
    }
    rest = Rest("CreateFunction", "POST", path_of(VERSION, "functions"), body_of(asked))
    until = stand.clock.time() + 30
    drive(called(stand.direct("lambda"), rest, dict[str, Any], deadline=until))


def open_start(stand: AwsStand, function: Function[..., Any]) -> Any:
    client = stand.asking("lambda")
    starter = LambdaStarter(client, called_there(stand, function), stand.clock)
    return Awaited(stand, function.name, starter)


def called_there(stand: AwsStand, function: Function[..., Any]) -> str:
    return f"{stand.name}-{function.name}"


class Awaited:
    """Starts, and waits until what was accepted has come: nothing else comes meanwhile."""

    def __init__(self, stand: AwsStand, inbox: str, starter: LambdaStarter) -> None:
        self._stand, self._inbox, self._starter = stand, inbox, starter

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        before = self._count()
        errors = await self._starter.send(messages)
        wanted, until = before + errors.count(None), time.monotonic() + PATIENCE_S
        while self._count() < wanted and time.monotonic() < until:
            time.sleep(0.02)
        return errors

    send_in_order = send

    def _count(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        asked = {"QueueUrl": self._stand.places[self._inbox], "AttributeNames": names}
        found = self._stand.call("sqs", "GetQueueAttributes", asked)["Attributes"]
        return sum(int(found[name]) for name in names)
