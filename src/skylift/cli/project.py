"""What pyproject.toml says to the command line: `[tool.skylift] apps = ["apps/hello", ...]`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, cast

from .load import UserError


def configured_apps(folder: Path) -> list[str]:
    """The apps to run when none is named: those of the nearest pyproject.toml, or this very
    folder.
    """
    if (folder / "app.py").is_file():
        return [str(folder)]
    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        if file.is_file():
            apps = _apps(file)
            if apps:
                return [str(place / app) for app in apps]
    raise UserError(
        "which app?\n    hint: name a folder with app.py, or list them in pyproject.toml: "
        '[tool.skylift] apps = ["apps/hello"]'
    )


def _apps(file: Path) -> list[str]:
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file}: {error}") from error
    apps: Any = said.get("tool", {}).get("skylift", {}).get("apps", [])
    if not isinstance(apps, list) or not all(isinstance(app, str) for app in cast(Any, apps)):
        raise UserError(f"{file}: [tool.skylift] apps is a list of folders")
    return cast("list[str]", apps)
