"""The formatter, the linter and the strict type checker have nothing to say."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.tidy.source import ROOT

TOOLS = {
    "format": ["ruff", "format", "--check", "--quiet", "--diff", "."],
    "lint": ["ruff", "check", "--quiet", "--output-format=concise", "."],
    "types": ["pyright", "--pythonpath", sys.executable],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_has_nothing_to_say(tool: str) -> None:
    quiet = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}  # it would ask for a newer pyright
    run = subprocess.run(
        [sys.executable, "-m", *TOOLS[tool]], cwd=ROOT, env=quiet, capture_output=True, text=True
    )
    assert run.returncode == 0, f"\n{run.stdout}{run.stderr}"
