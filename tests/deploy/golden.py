"""Writes the plans anew, for a person to read what a change means: python -m tests.deploy.golden"""

from __future__ import annotations

import re
from pathlib import Path

from skylift.aws.deploy.told import text
from tests.deploy.apps import APPS, plan_of

FILE = re.compile(r" [0-9a-f]{16}(?=;|$)")  # what is in it


def golden(name: str) -> str:
    """The plan, less what the files of its pages hold: nobody reads a plan because a colour is
    another one.
    """
    lines = text(plan_of(name)).splitlines(keepends=True)
    return "".join(FILE.sub("", line) if line.startswith("files of ") else line for line in lines)


def path_of(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.plan")


if __name__ == "__main__":
    for name in APPS:
        path_of(name).write_text(golden(name), "utf-8")
