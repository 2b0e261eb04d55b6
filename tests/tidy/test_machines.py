"""Nothing in the repository knows the machine it was written on."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tidy.source import ROOT, shown, written

# Put together here so that this file does not name what it looks for.
HOMES = "|".join(["home", "root", "Users", "work", "mnt", "opt"])
REGISTRIES = ["pypi.org", "pythonhosted.org", "npmjs.org", "npmjs.com", "crates.io"]
SOURCES = ["index-url", "find-links", "trusted-host", "PIP_INDEX_URL"]
OF_A_MACHINE = re.compile(rf"(?<![\w./}}:-])/({HOMES})/[\w.-]+/|[A-Z]:\\\\Users")
OF_A_REGISTRY = re.compile("|".join(map(re.escape, [*REGISTRIES, *SOURCES])))
PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.+!-]*")


def lines(path: Path) -> list[tuple[int, str]]:
    try:
        return list(enumerate(path.read_text("utf-8").splitlines(), 1))
    except UnicodeDecodeError:
        return []  # a picture or a database


def test_no_path_of_a_machine_is_written_down() -> None:
    assert places(OF_A_MACHINE) == []


def test_no_registry_is_written_down() -> None:
    assert places(OF_A_REGISTRY) == []


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{shown(path)}:{number} {line.strip()}"
        for path in written()
        if path != Path(__file__)
        for number, line in lines(path)
        if pattern.search(line)
    ]


def test_a_pin_is_a_name_and_a_version_and_nothing_else() -> None:
    pins = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [pin for pin in pins if not PIN.fullmatch(pin)] == []
    assert len(pins) > 50
