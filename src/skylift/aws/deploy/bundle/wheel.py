"""Wheels for another target than this machine: pip fetches them once, in the very versions that are
installed here, and they stay unpacked in the cache. It asks whatever index pip is set up for.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ....errors import DeclarationError, Mistake
from ..target import Target
from .distribution import glibc

OLDEST = 17  # glibc 2.17, of manylinux2014
PATIENCE_S = 600
LIBRARIES = ("purelib", "platlib")


def unpacked(labels: Sequence[str], target: Target, cache: Path) -> dict[str, Path]:
    """A folder for each `name==version`; what is not in the cache is fetched."""
    home = cache / f"{target.python}-{target.arch}"
    folders = {one: home / one.replace("==", "-") for one in labels}
    missing = [one for one, folder in folders.items() if not folder.is_dir()]
    if missing:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as fresh:
            for label in missing:
                wheel = _fetched(label, target, Path(fresh), cache)
                _unpack(wheel, Path(fresh) / "unpacked")
                shutil.move(Path(fresh) / "unpacked", folders[label])
                wheel.unlink()
    return folders


def _fetched(label: str, target: Target, into: Path, cache: Path) -> Path:
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--only-binary=:all:", "--no-deps", "--implementation", "cp"),
        *("--python-version", target.python, "-f", str(cache), "--dest", str(into)),
        *(part for one in platforms(target) for part in ("--platform", one)),
        label,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    found = list(into.glob("*.whl"))
    if done.returncode or len(found) != 1:
        said = next((one for one in reversed(done.stderr.splitlines()) if one.strip()), "nothing")
        what = f"no wheel of it for {target.runtime} on {target.arch}: {said}"
        remedy = (
            f"build once with a connection, put the wheel into {cache}, "
            "or build with the target's own Python and processor"
        )
        raise DeclarationError(Mistake(label, what, remedy))
    return found[0]


def platforms(target: Target) -> Iterator[str]:
    """What Lambda's system takes, the newest first."""
    major, minor = glibc(target)
    for one in range(minor, OLDEST - 1, -1):
        yield f"manylinux_{major}_{one}_{target.machine}"
    yield f"manylinux2014_{target.machine}"


def _unpack(wheel: Path, into: Path) -> None:
    """As an installer would, but for scripts and headers."""
    home = into.resolve()
    with zipfile.ZipFile(wheel) as file:
        for one in file.infolist():
            name = _placed(one.filename)
            if name is None or one.is_dir():
                continue
            place = home / name
            assert home in place.resolve().parents, one.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read(one))
            place.chmod(0o755 if one.external_attr >> 16 & 0o100 else 0o644)


def _placed(name: str) -> str | None:
    """Where it lies beside the modules: `x-1.data/purelib/x.py` is `x.py`."""
    top, _, inner = name.partition("/")
    if not top.endswith(".data"):
        return name
    kind, _, rest = inner.partition("/")
    return rest if kind in LIBRARIES and rest else None
