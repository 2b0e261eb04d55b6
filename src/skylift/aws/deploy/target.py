"""What a bundle is built for: a minor version of Python and a processor, as Lambda names them."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES: Mapping[str, str] = {"x86_64": "x86_64", "arm64": "aarch64"}  # as Linux names them
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Target:
    python: str = HERE
    arch: str = "x86_64"

    @property
    def runtime(self) -> str:
        """Lambda's name of it."""
        return f"python{self.python}"

    @property
    def machine(self) -> str:
        return MACHINES[self.arch]

    @property
    def is_here(self) -> bool:
        """What is installed beside this interpreter runs there as it is."""
        is_same = sys.platform == "linux" and platform.machine() == self.machine
        return is_same and self.python == HERE


def machine_here() -> str:
    """This machine's processor, as Lambda names it; x86_64 where Lambda has none like it."""
    names = {machine: name for name, machine in MACHINES.items()}
    return names.get(platform.machine(), "arm64" if platform.machine() == "arm64" else "x86_64")
