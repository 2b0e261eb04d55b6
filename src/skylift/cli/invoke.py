"""`skylift invoke APP FUNCTION --event FILE`: one call of one function, in the process that runs
the app, or here on its state. Exit code 1 when the function failed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from msgspec import DecodeError, json

from ..http import Answer
from ..local.control import InvokeFunction
from ..local.direct import Called
from .asking import ask
from .leaving import left
from .load import UserError
from .reading import add_reading_arguments, print_json
from .recorded import took, visible

FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_reading_arguments(parser)
    parser.add_argument("function", metavar="FUNCTION", help="as `skylift graph` names it")
    parser.add_argument(
        "--event",
        metavar="FILE",
        default="",
        help="the message, or a request as JSON; - reads it from standard input",
    )


def invoke(options: argparse.Namespace) -> int:
    call = ask(options, InvokeFunction(options.function, event(options.event)), Called)
    if options.json:
        print_json(document(call))
    else:
        show(call)
    if call.failure is not None:
        print(f"{call.function} failed: {call.failure.rstrip()}", file=sys.stderr)
    return left(0 if call.failure is None else FAILED)


def event(said: str) -> str:
    if not said:
        return "{}"
    try:
        raw = sys.stdin.buffer.read() if said == "-" else Path(said).read_bytes()
        return raw.decode()
    except OSError as error:
        raise UserError(f"--event {said}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"--event {said}: it is no text in UTF-8: {error.reason}") from error


def show(call: Called) -> None:
    """The answer alone goes to standard output."""
    after = f"{call.function}: {took(call.took_s)}, trace {call.trace}"
    if call.answer is not None:
        print(call.answer.status)
        for name, value in call.answer.headers:
            print(f"{name}: {visible(value)}")
        print()
        shown = body_of(call.answer)
        if not isinstance(shown, str):
            shown = json.format(json.encode(shown)).decode()
        print(shown)
    elif call.failure is None:
        print(json.format(bytes(call.result)).decode())
    print(after, file=sys.stderr)


def document(call: Called) -> dict[str, Any]:
    said: dict[str, Any] = {
        "function": call.function,
        "trace": call.trace,
        "took_ms": round(call.took_s * 1_000, 3),
        "failure": call.failure,
    }
    if call.answer is None:
        return said | {"result": json.decode(call.result)}
    answer = call.answer
    return said | {
        "status": answer.status,
        "headers": {name: value for name, value in answer.headers if name != "set-cookie"},
        "cookies": [value for name, value in answer.headers if name == "set-cookie"],
        "body": body_of(answer),
    }


def body_of(answer: Answer) -> Any:
    """JSON as what it is, text as text, anything else as its size."""
    kind = dict(answer.headers).get("content-type", "").split(";")[0]
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return json.decode(answer.body)
        except DecodeError:
            pass
    try:
        return answer.body.decode()
    except UnicodeDecodeError:
        return f"<{len(answer.body):,} bytes that are no text>"
