"""msgspec as a deployed function loads it has all that msgspec has, and the same of it."""

from __future__ import annotations

import subprocess
import sys

LIGHTENED = "from skylift.aws.runtime.lean import lighten; lighten(); "


def said(program: str) -> str:
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def test_only_the_core_is_loaded() -> None:
    program = (
        "import sys; from msgspec import Struct, json, UNSET; from msgspec.structs import replace; "
        "json.decode(json.encode([1])); json.Decoder(int); json.Encoder(); "
        "print(*sorted(name for name in sys.modules if name.startswith('msgspec.')))"
    )
    loaded = "msgspec._core msgspec._utils msgspec.json msgspec.structs"
    assert said(LIGHTENED + program) == loaded
    assert said(LIGHTENED + "import sys; print('platform' in sys.modules)") == "False"


def test_whoever_asks_for_more_finds_all_of_it() -> None:
    program = (
        "import msgspec; from msgspec import field, inspect; import msgspec.yaml; "
        "print(msgspec.__version__, bool(inspect.type_info(int)), bool(msgspec.json.schema(int)), "
        "bool(msgspec.toml), bool(msgspec.msgpack.encode(1)), "
        "bool(msgspec.structs.fields))"
    )
    assert said(LIGHTENED + program) == said(program)


def test_each_name_is_the_real_one() -> None:
    program = (
        "import msgspec; before = dict(vars(msgspec)), dict(vars(msgspec.json)), "
        "dict(vars(msgspec.structs)); msgspec.__version__, msgspec.json.schema, "
        "msgspec.structs.fields; modules = msgspec, msgspec.json, msgspec.structs; "
        "print(all(getattr(module, name) is value for module, names in zip(modules, before) "
        "for name, value in names.items() if not name.startswith('__')), "
        "*(sorted(name for name in vars(module) if not name.startswith('__')) "
        "for module in modules))"
    )
    lightened = said(LIGHTENED + program)
    assert lightened.startswith("True")
    assert lightened == said(program)


def test_what_is_not_there_is_not_there() -> None:
    program = (
        "import msgspec\nfor module in (msgspec, msgspec.json, msgspec.structs):\n"
        "    try: module.nothing\n    except AttributeError as error: print(error)"
    )
    expected = "".join(
        f"module '{name}' has no attribute 'nothing'\n"
        for name in ("msgspec", "msgspec.json", "msgspec.structs")
    )
    assert said(f"{LIGHTENED}\n{program}") == expected.strip()


def test_uuids_are_what_they_are() -> None:
    program = "import uuid; print(sorted(set(dir(uuid)) - {'platform'}), uuid._LINUX, uuid._AIX)"
    assert said(LIGHTENED + program) == said(program)
