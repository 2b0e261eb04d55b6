"""A POST as API Gateway's HTTP API hands it to a function: payload 2.0, a browser's headers."""

from __future__ import annotations

import json

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
TEXT = "a note of the length that people write when they want to remember something"
EVENT = json.dumps(
    {
        "version": "2.0",
        "routeKey": "POST /notes",
        "rawPath": "/notes",
        "rawQueryString": "",
        "headers": {
            "accept": "application/json, text/plain, */*",
            "accept-encoding": "gzip, deflate, br, zstd",
            "accept-language": "en-GB,en;q=0.9,es;q=0.8",
            "content-length": "87",
            "content-type": "application/json",
            "host": "a1b2c3d4e5.execute-api.eu-south-2.amazonaws.com",
            "origin": "https://notes.example",
            "referer": "https://notes.example/",
            "sec-fetch-mode": "cors",
            "sec-fetch-site": "cross-site",
            "user-agent": AGENT,
            "x-amzn-trace-id": "Root=1-6921a0b2-0123456789abcdef01234567",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-south-2.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "POST",
                "path": "/notes",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": AGENT,
            },
            "requestId": "UQhBGjFGLhEEPkA=",
            "routeKey": "POST /notes",
            "stage": "$default",
            "time": "20/Nov/2026:15:04:05 +0000",
            "timeEpoch": 1795187045000,
        },
        "body": json.dumps({"text": TEXT}),
        "isBase64Encoded": False,
    }
).encode()
