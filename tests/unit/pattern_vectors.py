"""What AWS's own pages say about patterns: each example with the page it stands on, as far as they
say what matches and what does not.
"""

from __future__ import annotations

from typing import Any, NamedTuple

OPERATORS = "eventbridge/latest/userguide/eb-create-pattern-operators.html"
PATTERNS = "eventbridge/latest/userguide/eb-event-patterns.html"
ARRAYS = "eventbridge/latest/userguide/eb-event-patterns-arrays.html"
NULLS = "eventbridge/latest/userguide/eb-event-patterns-null-values.html"
RULER = "github.com/aws/event-ruler README.md"
FILTERS = "sns/latest/dg/string-value-matching.html"
NUMBERS = "sns/latest/dg/numeric-value-matching.html"
CONSTRAINTS = "sns/latest/dg/subscription-filter-policy-constraints.html"


class Vector(NamedTuple):
    page: str
    pattern: dict[str, Any]
    matching: tuple[Any, ...]
    others: tuple[Any, ...] = ()


INSTANCE = {
    "c-count": 5,
    "d-count": 3,
    "x-limit": 301.8,
    "source-ip": "10.0.0.33",
    "instance-id": "i-000000aaaaaa00000",
    "state": "running",
}
EMPLOYEES = {
    "employees": [
        {"firstName": "John", "lastName": "Doe"},
        {"firstName": "Anna", "lastName": "Smith"},
        {"firstName": "Peter", "lastName": "Jones"},
    ]
}
NESTED = {"employees": [EMPLOYEES["employees"][:2], EMPLOYEES["employees"][2:]]}
METRIC = {"source": "aws.cloudwatch", "metricName": "ReadLatency", "namespace": "AWS/X"}

BUS = [
    Vector(
        OPERATORS,
        {"Location": ["New York"], "Day": ["Monday"]},
        ({"Location": "New York", "Day": "Monday"},),
        ({"Location": "New York", "Day": "Friday"}, {"Location": "New York"}, {}),
    ),
    Vector(
        OPERATORS,
        {"state": [{"anything-but": "initializing"}]},
        ({"state": "running"}, {"state": 1}, {"state": None}, {"state": ["initializing", "x"]}),
        ({"state": "initializing"}, {"state": []}, {}),
    ),
    Vector(
        OPERATORS,
        {"x-limit": [{"anything-but": [100, 200, 300]}]},
        (INSTANCE, {"x-limit": "100"}),
        ({"x-limit": 100}, {"x-limit": 100.0}, {"x-limit": 3e2}),
    ),
    Vector(
        OPERATORS,
        {"state": [{"anything-but": ["stopped", "overloaded"]}]},
        (INSTANCE,),
        ({"state": "stopped"}, {"state": "overloaded"}),
    ),
    Vector(
        OPERATORS,
        {"Region": [{"anything-but": {"prefix": "us-"}}]},
        ({"Region": "eu-west-1"},),
        ({"Region": "us-east-1"},),
    ),
    Vector(
        OPERATORS,
        {"state": [{"anything-but": {"prefix": ["init", "error"]}}]},
        ({"state": "running"},),
        ({"state": "initializing"}, {"state": "errored"}),
    ),
    Vector(
        OPERATORS,
        {"FileName": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]},
        ({"FileName": "a.png"},),
        ({"FileName": "a.txt"}, {"FileName": "b.rtf"}),
    ),
    Vector(
        OPERATORS,
        {"state": [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}]},
        ({"state": "running"},),
        ({"state": "Initializing"}, {"state": "STOPPED"}),
    ),
    Vector(
        OPERATORS,
        {"FilePath": [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}]},
        ({"FilePath": "/home/a"},),
        ({"FilePath": "/usr/lib/a"}, {"FilePath": "/usr/bin/a"}),
    ),
    Vector(
        OPERATORS,
        {"service": [{"prefix": {"equals-ignore-case": "EventB"}}]},
        ({"service": "eventbridge"}, {"service": "EVENTBRIDGE"}),
        ({"service": "event"}, {"service": 3}),
    ),
    Vector(
        OPERATORS,
        {"FileName": [{"suffix": {"equals-ignore-case": ".png"}}]},
        ({"FileName": "a.PNG"}, {"FileName": ".png"}),
        ({"FileName": "a.png "},),
    ),
    Vector(
        OPERATORS,
        {"detail-type": [{"equals-ignore-case": "ec2 instance state-change notification"}]},
        ({"detail-type": "EC2 Instance State-change Notification"},),
        ({"detail-type": "EC2 Instance"},),
    ),
    Vector(
        OPERATORS,
        {
            "c-count": [{"numeric": [">", 0, "<=", 5]}],
            "d-count": [{"numeric": ["<", 10]}],
            "x-limit": [{"numeric": ["=", 3.018e2]}],
        },
        (INSTANCE,),
        (INSTANCE | {"c-count": 0}, INSTANCE | {"d-count": 10}, INSTANCE | {"x-limit": "301.8"}),
    ),
    Vector(
        OPERATORS,
        {"Price": [{"numeric": [">", 10, "<=", 20]}]},
        ({"Price": 10.000001}, {"Price": 20}),
        ({"Price": 10}, {"Price": 20.5}),
    ),
    Vector(
        OPERATORS,
        {"source-ip": [{"cidr": "10.0.0.0/24"}]},
        (INSTANCE, {"source-ip": "10.0.0.255"}),
        ({"source-ip": "10.0.1.0"}, {"source-ip": "::1"}, {"source-ip": 167772161}),
    ),
    Vector(
        OPERATORS,
        {"c-count": [{"exists": False}]},
        ({"state": "x"}, {"c-count": {"c1": 100}}, {"c-count": []}),
        (INSTANCE, {"c-count": None}),
    ),
    Vector(OPERATORS, {"c-count": [{"exists": True}]}, (INSTANCE, {"c-count": None}), ({},)),
    Vector(
        OPERATORS,
        {"$or": [{"c-count": [{"numeric": [">", 0, "<=", 5]}]}, {"d-count": [7]}]},
        (INSTANCE, {"d-count": 7}),
        ({"c-count": 6, "d-count": 6}, {}),
    ),
    Vector(
        OPERATORS,
        {"EventBusArn": [{"wildcard": "arn:aws:events:us-east-1:*:event-bus/*"}]},
        ({"EventBusArn": "arn:aws:events:us-east-1:1:event-bus/default"},),
        ({"EventBusArn": "arn:aws:events:eu-west-1:1:event-bus/default"},),
    ),
    Vector(
        OPERATORS,
        {"FileName": [{"wildcard": "dir/*.png"}]},
        ({"FileName": "dir/.png"}, {"FileName": "dir/sub/a.png"}),
        ({"FileName": "dir/a.jpg"}, {"FileName": "a/dir/a.png"}),
    ),
    Vector(
        OPERATORS,
        {"name": [{"wildcard": "\\*\\\\*"}]},
        ({"name": "*\\"}, {"name": "*\\ab"}),
        ({"name": "a\\"}, {"name": "\\*"}),
    ),
    Vector(NULLS, {"responseElements": [None]}, ({"responseElements": None},), ({}, {"a": ""})),
    Vector(NULLS, {"eventVersion": [""]}, ({"eventVersion": ""},), ({"eventVersion": None}, {})),
    Vector(
        ARRAYS,
        {"resources": ["a", "x"]},
        ({"resources": ["x", "y"]}, {"resources": "a"}),
        ({"resources": ["y"]}, {"resources": []}),
    ),
    Vector(
        PATTERNS,
        {"instance-id": [{"prefix": "i-"}], "state": ["terminated", "running"]},
        (INSTANCE,),
        (INSTANCE | {"state": "stopped"},),
    ),
    Vector(
        RULER,
        {"employees": {"firstName": ["Anna"]}},
        (EMPLOYEES, NESTED),
        ({"employees": []}, {"employees": ["Anna"]}),
    ),
    Vector(
        RULER,
        {"employees": {"firstName": ["Anna"], "lastName": ["Smith"]}},
        (EMPLOYEES, NESTED),
    ),
    Vector(
        RULER,
        {"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}},
        (),
        (EMPLOYEES, NESTED),
    ),
    Vector(
        RULER,
        {
            "source": ["aws.cloudwatch"],
            "$or": [
                {"metricName": ["CPUUtilization", "ReadLatency"]},
                {"namespace": ["AWS/EC2", "AWS/ES"]},
            ],
        },
        (METRIC, {"source": "aws.cloudwatch", "namespace": "AWS/ES"}),
        ({"source": "aws.ec2", "namespace": "AWS/ES"}, METRIC | {"metricName": "x"}),
    ),
    Vector(
        RULER,
        {
            "source": ["aws.cloudwatch"],
            "$or": [
                {"metricName": ["CPUUtilization", "ReadLatency"]},
                {
                    "metricType": ["MetricType"],
                    "namespace": ["AWS/EC2", "AWS/ES"],
                    "$or": [{"metricId": [1234]}, {"spaceId": [1000]}],
                },
                {"scope": ["Service"]},
            ],
        },
        (
            METRIC,
            {"source": "aws.cloudwatch", "scope": "Service"},
            {
                "source": "aws.cloudwatch",
                "metricType": "MetricType",
                "namespace": "AWS/EC2",
                "spaceId": 1000,
            },
        ),
        (
            {"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/EC2"},
            {"source": "aws.cloudwatch", "spaceId": 1000},
        ),
    ),
]

TOPIC = [
    Vector(
        FILTERS,
        {"customer_interests": ["rugby", "tennis"]},
        ({"customer_interests": "rugby"}, {"customer_interests": ["soccer", "tennis"]}),
        ({"customer_interests": "baseball"},),
    ),
    Vector(
        FILTERS,
        {"customer_interests": [{"anything-but": ["rugby", "tennis"]}]},
        ({"customer_interests": "baseball"}, {"customer_interests": ["rugby", "baseball"]}),
        ({"customer_interests": "rugby"}, {"customer_interests": ["rugby", "tennis"]}),
    ),
    Vector(
        FILTERS,
        {"event": [{"anything-but": {"prefix": "order-"}}]},
        ({"event": "data-entry"}, {"event": "order_number"}),
        ({"event": "order-cancelled"},),
    ),
    Vector(
        FILTERS,
        {"event": [{"anything-but": {"suffix": "ball"}}]},
        ({"event": "tennis"},),
        ({"event": "football"},),
    ),
    Vector(
        FILTERS,
        {"customer_interests": [{"anything-but": {"wildcard": "*ball"}}]},
        ({"customer_interests": "tennis"},),
        ({"customer_interests": "football"},),
    ),
    Vector(
        FILTERS,
        {"source_ip": [{"cidr": "10.0.0.0/24"}]},
        ({"source_ip": "10.0.0.0"}, {"source_ip": "10.0.0.255"}),
        ({"source_ip": "10.1.1.0"},),
    ),
    Vector(
        FILTERS,
        {"customer_interests": [{"equals-ignore-case": "tennis"}]},
        ({"customer_interests": "TENNIS"}, {"customer_interests": "Tennis"}),
        ({"customer_interests": "table tennis"},),
    ),
    Vector(
        FILTERS,
        {"customer_interests": [{"prefix": "bas"}]},
        ({"customer_interests": "baseball"}, {"customer_interests": "basketball"}),
        ({"customer_interests": "rugby"},),
    ),
    Vector(
        FILTERS,
        {"customer_interests": [{"suffix": "ball"}]},
        ({"customer_interests": "baseball"},),
        ({"customer_interests": "rugby"},),
    ),
    Vector(
        FILTERS,
        {"customer_interests": [{"wildcard": "*ball"}]},
        ({"customer_interests": "baseball"}, {"customer_interests": "football"}),
        ({"customer_interests": "rugby"},),
    ),
    Vector(FILTERS, {"store": [{"exists": True}]}, ({"store": "fans"},), ({"store": ""}, {"a": 1})),
    Vector(FILTERS, {"store": [{"exists": False}]}, ({"a": 1},), ({"store": "fans"},)),
    Vector(
        NUMBERS,
        {"price_usd": [{"numeric": ["=", 301.5]}]},
        ({"price_usd": 301.5}, {"price_usd": 3.015e2}),
        ({"price_usd": 301}, {"price_usd": "301.5"}),
    ),
    Vector(
        NUMBERS,
        {"price_usd": [{"anything-but": [100, 500]}]},
        ({"price_usd": 101}, {"price_usd": [100, 50]}),
        ({"price_usd": 100}, {"price_usd": 500}, {"price_usd": [100, 500]}),
    ),
    Vector(
        NUMBERS,
        {"price_usd": [{"numeric": [">", 0, "<=", 150]}]},
        ({"price_usd": 0.1}, {"price_usd": 150}),
        ({"price_usd": 0}, {"price_usd": 150.1}),
    ),
    Vector(
        CONSTRAINTS,
        {"key_a": {"key_b": {"key_c": ["one", "two"]}}, "key_d": {"key_e": ["three"]}},
        ({"key_a": {"key_b": {"key_c": "two"}}, "key_d": {"key_e": "three"}},),
        ({"key_a": {"key_b": {"key_c": "two"}}},),
    ),
]
