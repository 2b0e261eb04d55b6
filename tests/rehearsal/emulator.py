"""MiniStack as it is, but for two things. An alarm over several metrics is taken for one over the
first of them: it knows no other and refuses the whole stack with it (services/cloudformation/
provisioners.py, `_cw_metric_alarm_record`); alarms are not rehearsed. And its CloudFormation makes
the archive of a bus, which its EventBridge knows and it does not. What CloudFormation takes
cfn-lint judges.
"""

from __future__ import annotations

import sys
from typing import Any

from ministack.app import main
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

one_metric = provisioners._cw_metric_alarm_record
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


if __name__ == "__main__":
    provisioners._cw_metric_alarm_record = record
    provisioners._RESOURCE_HANDLERS["AWS::Events::Archive"] = {
        "create": create_archive,
        "update": update_archive,
        "delete": delete_archive,
    }
    del sys.argv[1:]
    main()
