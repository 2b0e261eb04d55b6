"""A script of a package of npm, for tests that want somebody else's judgement; without npm they are
skipped, loudly. Nothing is left in the repository.
"""

from __future__ import annotations

import subprocess
from shutil import which

import pytest

INSTALL_S_MAX = 120.0


def script_of(package: str, path: str, folders: pytest.TempPathFactory) -> str:
    """What stands in this file of `name@version`."""
    if which("npm") is None:
        pytest.skip(f"NO NODE: npm is not installed, so {package} was not asked")
    folder = folders.mktemp("npm")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    try:
        subprocess.run([*command, package], check=True, capture_output=True, timeout=INSTALL_S_MAX)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"NO PACKAGE: npm gave no {package}, so it was not asked: {error}")
    name = package.rpartition("@")[0]
    return (folder / "node_modules" / name / path).read_text("utf-8")
