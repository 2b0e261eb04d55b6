"""MiniStack as it is, but for one thing: an alarm over several metrics is taken for one over the
first of them. It knows no other and refuses the whole stack with it (services/cloudformation/
provisioners.py, `_cw_metric_alarm_record`). Alarms are not rehearsed: what CloudFormation takes
cfn-lint judges.
"""

from __future__ import annotations

import sys
from typing import Any

from ministack.app import main
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


if __name__ == "__main__":
    provisioners._cw_metric_alarm_record = record
    del sys.argv[1:]
    main()
