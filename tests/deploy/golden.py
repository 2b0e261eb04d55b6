"""Writes the plans anew, for a person to read what a change means: python -m tests.deploy.golden"""

from __future__ import annotations

from pathlib import Path

from skylift.aws.deploy.told import text
from tests.deploy.apps import APPS, plan_of


def path_of(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.plan")


if __name__ == "__main__":
    for name in APPS:
        path_of(name).write_text(text(plan_of(name)), "utf-8")
