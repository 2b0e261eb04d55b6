"""A call to AWS that was not answered as asked: what they said, or what broke on the way.

It never leaves an adapter: `errors.py` translates it. `unknown` says that the call may have been
carried out all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from msgspec import MsgspecError, json

# Codes of our own, for what no service said.
UNREACHABLE = "Unreachable"  # no connection: nothing was sent
UNTRUSTED = "Untrusted"  # a certificate nobody vouches for: nothing was sent
CLOSED = "Closed"  # the connection ended before an answer began
TIMED_OUT = "TimedOut"
GARBLED = "Garbled"  # an answer that is none, or cut short, or damaged on the way
TOO_LATE = "TooLate"  # the deadline had passed before anything was sent

UNREADABLE = (MsgspecError, UnicodeDecodeError, RecursionError)  # what decoding JSON may raise
NO_HEADERS: Mapping[str, str] = {}


class Failure(Exception):
    """`code` is the vendor's, without its namespace, or one of ours; `status` is 0 where no answer
    was read.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        unknown: bool = False,
        status: int = 0,
        headers: Mapping[str, str] = NO_HEADERS,
        body: bytes = b"",
    ) -> None:
        super().__init__(code, message)
        self.code, self.message, self.unknown = code, message, unknown
        self.status, self.headers, self.body = status, headers, body
        self.operation = ""

    def __str__(self) -> str:
        what = f"{self.operation}: {self.code}" if self.operation else self.code
        number = f" (HTTP {self.status})" if self.status else ""
        doubt = "; it may have been carried out" if self.unknown else ""
        return f"{what}{number}: {self.message}{doubt}"

    @property
    def said(self) -> dict[str, Any]:
        """The body of a vendor's refusal; empty when it is not a JSON object."""
        return object_in(self.body)


def refused(status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """What an answer other than 2xx says. A 5xx leaves open what was done."""
    said = object_in(body)
    code = str(headers.get("x-amzn-errortype") or said.get("__type") or said.get("code") or "")
    code = code.rpartition("#")[2].partition(":")[0] or f"Http{status}"
    message = str(said.get("message") or said.get("Message") or "no message")
    unknown = status >= 500
    return Failure(code, message, unknown=unknown, status=status, headers=headers, body=body)


def object_in(body: bytes) -> dict[str, Any]:
    try:
        said = json.decode(body)
    except UNREADABLE:
        return {}  # a load balancer's page
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}
