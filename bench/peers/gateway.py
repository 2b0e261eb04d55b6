"""A POST as API Gateway hands it to a function, with a browser's headers: payload 2.0 as an HTTP
API says it, and 1.0 as a REST API does, which knows more about it.
"""

from __future__ import annotations

import json

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
TEXT = "a note of the length that people write when they want to remember something"
HOST = "a1b2c3d4e5.execute-api.eu-south-2.amazonaws.com"
HEADERS = {
    "accept": "application/json, text/plain, */*",
    "accept-encoding": "gzip, deflate, br, zstd",
    "accept-language": "en-GB,en;q=0.9,es;q=0.8",
    "content-length": "87",
    "content-type": "application/json",
    "host": HOST,
    "origin": "https://notes.example",
    "referer": "https://notes.example/",
    "sec-fetch-mode": "cors",
    "sec-fetch-site": "cross-site",
    "user-agent": AGENT,
    "x-amzn-trace-id": "Root=1-6921a0b2-0123456789abcdef01234567",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
}
BODY = json.dumps({"text": TEXT})
KNOWN = {
    "accountId": "123456789012",
    "apiId": "a1b2c3d4e5",
    "domainName": HOST,
    "domainPrefix": "a1b2c3d4e5",
    "requestId": "UQhBGjFGLhEEPkA=",
}
EVENT = json.dumps(
    {
        "version": "2.0",
        "routeKey": "POST /notes",
        "rawPath": "/notes",
        "rawQueryString": "",
        "headers": HEADERS,
        "requestContext": {
            **KNOWN,
            "http": {
                "method": "POST",
                "path": "/notes",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": AGENT,
            },
            "routeKey": "POST /notes",
            "stage": "$default",
            "time": "20/Nov/2026:15:04:05 +0000",
            "timeEpoch": 1795187045000,
        },
        "body": BODY,
        "isBase64Encoded": False,
    }
).encode()
REST_EVENT = json.dumps(
    {
        "resource": "/notes",
        "path": "/notes",
        "httpMethod": "POST",
        "headers": HEADERS,
        "multiValueHeaders": {name: [value] for name, value in HEADERS.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            **KNOWN,
            "resourceId": "a1b2c3",
            "resourcePath": "/notes",
            "httpMethod": "POST",
            "extendedRequestId": "UQhBGjFGLhEEPkA=",
            "requestTime": "20/Nov/2026:15:04:05 +0000",
            "path": "/api/notes",
            "protocol": "HTTP/1.1",
            "stage": "api",
            "requestTimeEpoch": 1795187045000,
            "identity": {"sourceIp": "203.0.113.7", "userAgent": AGENT, "user": None},
        },
        "body": BODY,
        "isBase64Encoded": False,
    }
).encode()
