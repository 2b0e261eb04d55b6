"""One deployed function as Lambda runs it, but with its role's own credentials and nothing beside
its bundle: MiniStack's Lambda runs functions as root.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "\x1e"
DENIED = ("AccessDenied", "not authorized", "AuthorizationError")
DRIVER = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
now, late_s = time.time, float(sys.argv[2])
if late_s:
    time.time = lambda: now() - late_s
from skylift_function import handler

class Context:
    function_name = memory_limit_in_mb = "x"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:x"
    aws_request_id = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"
    log_group_name = log_stream_name = "x"
    def get_remaining_time_in_millis(self):
        return 10_000

for line in sys.stdin:
    try:
        answer = {"result": handler(json.loads(line), Context())}
    except Exception as error:
        answer = {"raised": repr(error)}
    print("\\n\\x1e" + json.dumps(answer), flush=True)
"""


@dataclass(frozen=True)
class Outcome:
    result: Any
    raised: str
    said: str

    @property
    def is_denied(self) -> bool:
        return any(word in self.said or word in self.raised for word in DENIED)


class BehindRole:
    """`behind(event)`: one warm process, whose clock may be late."""

    def __init__(
        self, bundle: Path, folder: Path, environment: dict[str, str], *, late_s: float = 0
    ) -> None:
        if not folder.is_dir():
            with zipfile.ZipFile(bundle) as held:
                held.extractall(folder)
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", DRIVER, str(folder), str(late_s)],
            env=kept | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, event: object) -> Outcome:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(event) + "\n")
        self._process.stdin.flush()
        said = list[str]()
        for line in self._process.stdout:
            if line.startswith(MARK):
                answer = json.loads(line[1:])
                return Outcome(answer.get("result"), answer.get("raised", ""), "".join(said))
            said.append(line)
        raise AssertionError("it ended:\n" + "".join(said))

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
