"""The folder of a site: which names in it are files of the site, and which path is a name. What
begins with a dot is nobody's business, with one exception that the web has agreed on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

FILES_MAX = 20_000
WELL_KNOWN = ".well-known"
NAME_BYTES_MAX = 255
KEY_BYTES_MAX = 1_024  # of an object in a bucket
# What one of the file systems that folders are copied to does not take, or takes for another name.
UNSOUND = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]|[. ]$')
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def names_of(folder: Path) -> Iterator[str]:
    """Of all files in it, as paths with /, in order. Links are followed nowhere outside."""
    home = os.path.realpath(folder)
    for place, folders, files in os.walk(folder):
        inside = os.path.relpath(place, folder).replace(os.sep, "/")
        prefix = "" if inside == "." else f"{inside}/"
        folders[:] = sorted(one for one in folders if is_seen(prefix + one))
        for name in sorted(files):
            if is_seen(prefix + name) and is_within(os.path.join(place, name), home):
                yield prefix + name


def is_seen(name: str) -> bool:
    """No part of it is hidden."""
    first, *rest = name.split("/")
    hidden = [one for one in rest if one.startswith(".")]
    return not hidden and (not first.startswith(".") or first == WELL_KNOWN)


def wrong_name(name: str) -> str:
    """Why no page can ask for it everywhere; "" when it can."""
    for part in name.split("/"):
        if UNSOUND.search(part) or DEVICES.fullmatch(part):
            return "not every machine has such a name"
        if len(part.encode("utf-8", "surrogateescape")) > NAME_BYTES_MAX:
            return f"a name has {NAME_BYTES_MAX} bytes at most"
    if len(name.encode("utf-8", "surrogateescape")) > KEY_BYTES_MAX:
        return f"with its folders it has more than {KEY_BYTES_MAX:,} bytes"
    return "" if is_text(name) else "it is no UTF-8"


def is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def name_of(path: str) -> str | None:
    """The name that a decoded path asks for; None when no file can have it."""
    name = path.removeprefix("/")
    parts = name.split("/")
    if "" in parts or "." in parts or ".." in parts or wrong_name(name) or not is_seen(name):
        return None
    return name


def is_within(file: str, home: str) -> bool:
    """Wherever its links lead, it is in the folder."""
    return os.path.realpath(file).startswith(os.path.join(home, ""))
