"""The table of deviations is true, short, and of the emulator that is installed."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from skylift.testing import contracts
from tests.rehearsal.ministack import is_installed
from tests.rehearsal.parity import PAGE, deviations

SHARE_MAX = 0.05
# Where nothing may deviate.
WHOLE = ("order", "dead", "together", "conditions", "transactions", "writes", "updates")


def cases() -> dict[str, str]:
    """Where each is written, by name."""
    found: dict[str, str] = {}
    for contract in filter(lambda name: name.endswith("Contract"), contracts.__all__):
        for kind in getattr(contracts, contract).__mro__:
            names = [name for name in vars(kind) if name.startswith("test_")]
            found |= dict.fromkeys(names, kind.__module__.rpartition(".")[2])
    return found


def test_few_cases_deviate_and_none_in_what_must_hold() -> None:
    all_, few = cases(), deviations()
    print(f"{len(few)} of {len(all_)} cases")
    assert set(few) <= set(all_)
    assert len(few) <= SHARE_MAX * len(all_)
    assert not {all_[name] for name in few} & set(WHOLE)


def test_every_deviation_has_its_evidence() -> None:
    for name, found in deviations().items():
        assert "](https://docs.aws.amazon.com/" in found.documented, name
        assert re.search(r"`services/\w+\.py:\d+`", found.done), name


def test_evidence_is_of_the_emulator_that_is_installed() -> None:
    if not is_installed():
        pytest.skip("MiniStack is not installed")
    text = PAGE.read_text("utf-8")
    assert f"MiniStack {version('ministack')}" in text
    spec = find_spec("ministack")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent
    for file, line in re.findall(r"`(services/\w+\.py):(\d+)`", text):
        lines = (folder / file).read_text("utf-8").splitlines()
        assert lines[int(line) - 1].startswith(("def ", "async def ")), f"{file}:{line} moved"
