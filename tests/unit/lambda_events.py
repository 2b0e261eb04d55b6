"""Events in the shape in which Lambda hands them over, and the world of a deployed function that a
test can look into.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from skylift.aws.runtime.lambda_unit import DeployedFunction, Surroundings
from skylift.system import SystemClock, SystemEntropy

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "SKYLIFT_STAGE": "dev",
    "_X_AMZN_TRACE_ID": TRACE,
}


class Context:
    """What Lambda's runtime hands over beside an event."""

    aws_request_id = REQUEST_ID

    def __init__(self, remaining_s: float = 10) -> None:
        self._remaining_s = remaining_s

    def get_remaining_time_in_millis(self) -> int:
        return int(self._remaining_s * 1000)


class Said:
    """Standard output: what was written, and of it the logs and the figures."""

    def __init__(self) -> None:
        self.writes: list[str] = []

    def __call__(self, text: str) -> None:
        self.writes.append(text)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for text in self.writes for line in text.splitlines()]

    @property
    def logs(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "_aws" not in line]

    @property
    def figures(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "_aws" in line]


def surroundings(said: Said, **environment: str) -> Surroundings:
    given = ENVIRONMENT | environment
    return Surroundings(SystemClock(), SystemEntropy(), given, lambda _: None, said)


def unit(function: Any, name: str, *, is_loop_free: bool = True, **given: Any) -> DeployedFunction:
    return DeployedFunction(
        app="asked",
        name=name,
        function=function,
        resources=given.get("resources", ()),
        grants=given.get("grants", ()),
        consumers=given.get("consumers", {}),
        is_loop_free=is_loop_free,
    )


def http_event(method: str, path: str, body: str | None = None, **members: Any) -> dict[str, Any]:
    """Payload 2.0 as the gateway sends it: what is absent is left out."""
    route = f"{method} {path}"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-length": "15",
            "content-type": "application/json",
            "host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
            "x-forwarded-for": "205.255.255.176",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "205.255.255.176",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "10/Mar/2020:05:16:23 +0000",
            "timeEpoch": 1583817383220,
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        event["body"] = body
    return event | members


def sqs_event(*bodies: str, **attributes: str) -> dict[str, Any]:
    return {"Records": [sqs_record(at, body, attributes) for at, body in enumerate(bodies)]}


def sqs_record(at: int, body: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "messageId": f"059f36b4-87a3-44ab-83d2-66197568{at:04}",
        "receiptHandle": f"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{at}",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185",
            **attributes,
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:my-queue",
        "awsRegion": "eu-west-1",
    }
