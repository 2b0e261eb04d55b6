"""Functions as Lambda gets them, each in a folder with all that it imports and nothing else, and
what one of them costs from the start of its process to its end after the first answer.

The interpreter is that of this environment without its packages; bytecode is there for everybody.
"""

from __future__ import annotations

import compileall
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement

from bench.session import ROOT

MAIN = """\
class Context:
    aws_request_id = "8f5c9a1e-0000-4000-8000-1234567890ab"
    function_name = "notes-write"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:eu-south-2:123456789012:function:notes-write"
    memory_limit_in_mb = 256
    log_group_name = log_stream_name = "notes"
    client_context = identity = tenant_id = None

    def get_remaining_time_in_millis(self):
        return 10_000


{before}from {module} import handler

told = handler({event!r}, Context())
assert told["statusCode"] == 201, told
"""
# What Lambda's runtime for Python brings itself: it is in nobody's zip.
IN_THE_RUNTIME = ("boto3",)
RUNTIME_CLIENT = "import awslambdaric.bootstrap\n"
COLLECTED = re.compile(r"Collected : (\d+)")
PATIENCE_S = 300


@dataclass(frozen=True)
class Function:
    """`module` holds `handler`; `app` is built by `skylift build`, or else `source` is a peer's."""

    module: str
    event: bytes
    app: str = ""
    source: str = ""
    distributions: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Packed:
    function: Function
    folder: Path
    zip_bytes: int  # without what the runtime brings


def packed(function: Function, folder: Path) -> Packed:
    folder.mkdir(parents=True)
    if function.app:
        return Packed(function, folder, _built(function, folder))
    source = ROOT / "bench" / "peers" / f"{function.source}.py"
    shutil.copy(source, folder / f"{function.module}.py")
    brought = closure(function.distributions) - closure(IN_THE_RUNTIME)
    copy_distributions(brought, folder)
    size = _zipped(folder)
    copy_distributions(closure(IN_THE_RUNTIME), folder)
    compileall.compile_dir(folder, quiet=2, workers=1)
    return Packed(function, folder, size)


def _built(function: Function, folder: Path) -> int:
    """The size of the zip that `skylift build` makes."""
    out = folder.parent / f"{folder.name}-built"
    skylift = Path(sys.executable).with_name("skylift")
    command = [str(skylift), "build", function.app, "--state", str(out / "state"), "--out"]
    subprocess.run([*command, str(out)], cwd=ROOT, check=True, capture_output=True)
    bundle = out / "notes.write.zip"
    with zipfile.ZipFile(bundle) as file:
        file.extractall(folder)
    return bundle.stat().st_size


def closure(distributions: tuple[str, ...]) -> set[str]:
    """These with all they require here."""
    found: set[str] = set()
    waiting = list(distributions)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for said in importlib.metadata.requires(name) or ():
            one = Requirement(said)
            if one.marker is None or one.marker.evaluate({"extra": ""}):
                waiting.append(one.name.lower().replace("_", "-"))
    return found


def copy_distributions(names: set[str], folder: Path) -> None:
    for name in names:
        for file in importlib.metadata.files(name) or ():
            source = Path(str(file.locate()))
            inside = ".." not in file.parts and file.suffix != ".pyc" and source.is_file()
            if inside:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, folder / file)


def _zipped(folder: Path) -> int:
    archive = Path(shutil.make_archive(str(folder), "zip", folder))
    size = archive.stat().st_size
    archive.unlink()
    return size


def bare_interpreter(home: Path) -> Path:
    """The interpreter with a site of its own, in which nothing is installed."""
    venv.create(home / "bare", symlinks=True)
    return home / "bare" / "bin" / "python"


def runtime_client(home: Path) -> None:
    """AWS's own, where a function can import it, as it can on Lambda."""
    folder = home / "runtime"
    folder.mkdir()
    copy_distributions(closure(("awslambdaric",)), folder)
    compileall.compile_dir(folder, quiet=2, workers=1)


@dataclass(frozen=True)
class Start:
    """How one process is started: `under_client` loads the runtime client before the function."""

    python: Path
    endpoint: str
    certificates: Path | None = None
    under_client: bool = False

    def instructions(self, function: Packed | None, home: Path) -> float:
        tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        done = self._run(tool, function, home)
        found = COLLECTED.search(done.stderr)
        assert found is not None, done.stderr
        return float(found[1])

    def milliseconds(self, function: Packed | None, home: Path) -> float:
        begun = time.perf_counter()
        self._run([], function, home)
        return (time.perf_counter() - begun) * 1e3

    def _run(
        self, tool: list[str], function: Packed | None, home: Path
    ) -> subprocess.CompletedProcess[str]:
        script = home / "main.py"
        script.write_text(self.program(function, home))
        return subprocess.run(
            [*tool, str(self.python), "-I", "-B", str(script)],
            env=self._environment(function),
            cwd=home,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )

    def program(self, function: Packed | None, home: Path) -> str:
        folders = [home / "runtime"] if self.under_client else []
        folders += [function.folder] if function else []
        client = RUNTIME_CLIENT if self.under_client else ""
        path = f"import sys\n\nsys.path[:0] = {[*map(str, reversed(folders))]}\n"
        if function is None:
            return path + client if client else "pass\n"
        event = json.loads(function.function.event)
        module = function.function.module
        return path + MAIN.format(before=client, module=module, event=event)

    def _environment(self, function: Packed | None) -> dict[str, str]:
        said = {
            "PATH": os.defpath,
            "PYTHONHASHSEED": "0",
            "AWS_REGION": "eu-south-2",
            "AWS_DEFAULT_REGION": "eu-south-2",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_LAMBDA_FUNCTION_NAME": "notes-write",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if self.certificates is not None:
            said["AWS_CA_BUNDLE"] = str(self.certificates)
        return said | dict(function.function.variables if function else {})


def certificates(home: Path, trusted: Iterator[Path]) -> Path:
    """One file of all these."""
    file = home / f"{len(list(home.iterdir()))}.pem"
    file.write_text("\n".join(one.read_text() for one in trusted))
    return file
