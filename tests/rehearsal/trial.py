"""What a function can do, and what Lambda itself does in its name, as trials: each says what went
wrong, or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.rehearsal.behind_role import Outcome
from tests.rehearsal.ministack import REGION
from tests.rehearsal.role import FIFO, Role, Trial


def http(role: Role, method: str, path: str, body: Any = None, **said: Any) -> Trial:
    """A request that is answered with `status`; `claims` are those of a token that the gateway has
    looked at.
    """
    claims = said.pop("claims", None)
    status, headers = said.pop("status", 200), said.pop("headers", {})
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": said.pop("query", ""),
        "headers": {"content-type": "application/json", **headers},
        "pathParameters": said,
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
            "requestId": "x",
            "stage": "$default",
            "routeKey": f"{method} {path}",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }

    if claims is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}

    def trial() -> str:
        outcome = role.behind(event)
        answered = (outcome.result or {}).get("statusCode")
        return wrong(outcome) or ("" if answered == status else f"{answered}: {outcome}")

    return trial


def queued(role: Role, queue: str, *bodies: Any, attempt: int = 1, failed: int = 0) -> Trial:
    """Messages that were received so often, of which so many are said to have failed."""
    sqs, url = role.stage.sqs, role.stage.url(queue)

    def send(body: Any) -> None:
        more = {"MessageGroupId": "g", "MessageDeduplicationId": str(next(COUNT))}
        given = more if queue in FIFO else {}
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body), **given)

    def trial() -> str:
        sqs.purge_queue(QueueUrl=url)
        for body in bodies:
            send(body)
        asked = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
        held = sqs.receive_message(QueueUrl=url, **asked)["Messages"]
        assert len(held) == len(bodies)
        outcome = role.behind({"Records": [record_of(one, attempt) for one in held]})
        found = len((outcome.result or {}).get("batchItemFailures", ()))
        return wrong(outcome) or ("" if found == failed else f"{found} failed: {outcome}")

    return trial


def record_of(held: dict[str, Any], attempt: int) -> dict[str, Any]:
    """As Lambda hands a message over."""
    return {
        "messageId": held["MessageId"],
        "receiptHandle": held["ReceiptHandle"],
        "body": held["Body"],
        "attributes": held["Attributes"] | {"ApproximateReceiveCount": str(attempt)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "awsRegion": REGION,
    }


def wrong(outcome: Outcome) -> str:
    if outcome.raised or outcome.is_denied:
        return f"{outcome.raised or 'denied'}: {outcome.said[-2000:]}"
    return ""


COUNT = iter(range(1_000_000))


def allowed(call: Callable[..., Any], **asked: Any) -> str:
    try:
        call(**asked)
    except ClientError as error:
        return str(error)
    return ""


def polled(role: Role, queue: str) -> Trial:
    """Lambda's service takes messages, deletes them, and looks how many there are."""
    own, url = role.client("sqs"), role.stage.url(queue)

    def trial() -> str:
        return (
            allowed(own.receive_message, QueueUrl=url)
            or deleted(own, url)
            or allowed(own.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
        )

    def deleted(own: Any, url: str) -> str:
        said = allowed(own.delete_message, QueueUrl=url, ReceiptHandle="AQEB")
        return said if "AccessDenied" in said else ""  # the handle is nobody's

    return trial


def logged(role: Role) -> Trial:
    logs, group = role.client("logs"), f"/aws/lambda/{role.stage.physical(role.name)}"

    def trial() -> str:
        stream = f"stream-{next(COUNT)}"
        event = {"timestamp": 1_800_000_000_000, "message": "x"}
        return allowed(logs.create_log_stream, logGroupName=group, logStreamName=stream) or allowed(
            logs.put_log_events, logGroupName=group, logStreamName=stream, logEvents=[event]
        )

    return trial
