"""What an import costs a deployed function: nothing it does not need is loaded."""

from __future__ import annotations

import subprocess
import sys

from tests.tidy.source import package

# A function that never calls these must not pay for them: together they are several times msgspec.
HEAVY = {
    *("asyncio", "concurrent", "dataclasses", "email", "hashlib", "http.client", "json"),
    *("logging", "random", "socket", "ssl", "subprocess", "threading", "urllib"),
}
# Read while an app is built or served, never by a deployed function.
LOCAL_ONLY = (
    *("app", "aws.deploy", "cli", "console", "graph", "grants", "local", "patterns", "sim"),
    *("telemetry", "testing"),
)
# Loaded where the app itself, or Lambda's runtime, has loaded what they are about.
WHERE_ASKED = {"skylift.aws.runtime.lambda_logging", "skylift.aws.runtime.lambda_loop"}
OPTIONAL = {"typing_extensions"}  # msgspec takes it when it happens to be there


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after this statement and had not before."""
    program = (
        f"import sys; before = set(sys.modules); {statement}; "
        "print(*(set(sys.modules) - before), sep='\\n')"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def is_local_only(name: str) -> bool:
    return name.startswith(tuple(f"skylift.{part}" for part in LOCAL_ONLY))


def foreign(modules: set[str]) -> set[str]:
    return {name.split(".")[0] for name in modules} - sys.stdlib_module_names


def test_the_package_loads_only_the_standard_library() -> None:
    loaded = loaded_by("import skylift")
    assert foreign(loaded) == {"skylift"}
    assert {name for name in loaded if name.startswith("skylift")} == {"skylift"}


def test_struct_loads_msgspec_and_nothing_else() -> None:
    assert foreign(loaded_by("from skylift import Struct")) - OPTIONAL == {"skylift", "msgspec"}


def test_what_a_deployed_function_imports_is_light() -> None:
    deployed = [
        module.name
        for module in package()
        if not is_local_only(module.name) and module.name not in WHERE_ASKED
    ]
    assert {"skylift.resources.table", "skylift.resources.api"} <= set(deployed)
    loaded = loaded_by("import " + ", ".join(deployed))
    assert loaded & HEAVY == set()
    assert {name for name in loaded if is_local_only(name)} == set()
    assert foreign(loaded) - OPTIONAL == {"skylift", "msgspec"}
