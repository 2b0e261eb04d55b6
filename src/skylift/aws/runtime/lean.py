"""msgspec without what a deployed function does not use. Importing all of it loads its inspection,
its JSON Schema and three more formats; that is as much as everything of ours.

A module that stands here is the real one, not run yet: whoever asks it for more than its core has
it run in place, and finds all of it. So an app may use msgspec as it likes, and pays for what it
uses. `tests/unit/test_lean.py` compares.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import module_from_spec
from _frozen_importlib_external import PathFinder
from types import ModuleType

TYPE_CHECKING = False  # `typing` is loaded when no garbage is looked for any more
if TYPE_CHECKING:
    from typing import Any

PACKAGE = "msgspec"
CORE = (
    *("NODEFAULT", "UNSET", "DecodeError", "EncodeError", "Meta", "MsgspecError", "Raw", "Struct"),
    *("StructMeta", "UnsetType", "ValidationError", "convert", "defstruct", "to_builtins"),
)
JSON = {  # as msgspec.json calls it, and as its core does
    "Decoder": "JSONDecoder",
    "Encoder": "JSONEncoder",
    "decode": "json_decode",
    "encode": "json_encode",
    "format": "json_format",
}
STRUCTS = ("StructConfig", "asdict", "astuple", "force_setattr", "replace")
SUBMODULES = ("inspect", "msgpack", "toml", "yaml")


def lighten() -> None:
    """To be called before anything imports msgspec; nothing happens when it is there already."""
    if PACKAGE in sys.modules:
        return
    import_uuid()
    package = standing(PACKAGE, None)
    core: Any = __import__(f"{PACKAGE}._core", fromlist=["_core"])
    json = standing(f"{PACKAGE}.json", package.__path__)
    structs = standing(f"{PACKAGE}.structs", package.__path__)
    vars(package).update({name: getattr(core, name) for name in CORE}, json=json, structs=structs)
    vars(structs).update({name: getattr(core, name) for name in STRUCTS})
    vars(json).update({name: getattr(core, own) for name, own in JSON.items()})


def standing(name: str, path: Any) -> ModuleType:
    """A module that runs when it is asked for what it has not."""
    spec = PathFinder.find_spec(name, path)
    assert spec is not None
    assert spec.loader is not None
    run = spec.loader.exec_module
    module = sys.modules[name] = module_from_spec(spec)

    def more(asked: str) -> Any:
        if name == PACKAGE and asked in SUBMODULES:
            return __import__(f"{name}.{asked}", fromlist=[asked])
        is_asked = asked == "__version__" or not asked.startswith("__")  # import looks for some
        if not is_asked or vars(module).pop("__getattr__", None) is None:
            raise AttributeError(f"module {name!r} has no attribute {asked!r}")
        run(module)
        return getattr(module, asked)

    vars(module)["__getattr__"] = more
    return module


def import_uuid() -> None:
    """msgspec's core needs it, and it needs to know the name of the system, for which it would load
    `platform`, with regular expressions for whatever a system may say of itself.
    """
    if "platform" in sys.modules or "uuid" in sys.modules:
        return
    stand_in: Any = ModuleType("platform")
    stand_in.system = lambda: os.uname().sysname
    sys.modules["platform"] = stand_in
    try:
        __import__("uuid")
    finally:
        del sys.modules["platform"]
