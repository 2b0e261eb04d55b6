"""What can be wrong with a Site: its folder, its names, what it allows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ..errors import Mistake, did_you_mean
from ..function import Function
from ..resources.api import Api
from ..resources.resource import Resource
from ..resources.site import API_PREFIX, INDEX, OWN_PREFIX, Site
from .consumer import Wrong
from .folder import FILES_MAX, names_of, wrong_name
from .media import DIRECTIVES

SOURCE = re.compile(r"'[A-Za-z0-9+/=-]+'|(https|wss)://[^\s;,'\"]+|(https|wss|data|blob):")
SOURCES = "https://host, wss://host, data:, blob:, or a word of the policy in quotes, as \"'none'\""
ALLOWED_BYTES_MAX = 1_024  # of all sources: a policy goes with each page


def mistakes(site: Site, _: list[Function[..., Any]]) -> Iterator[Mistake]:
    for reason, remedy in [*_folder(site), *_options(site)]:
        yield Mistake(site.place, f"site {site.name!r}: {reason}", remedy)


def wrong_apis(resources: Sequence[Resource]) -> Iterator[Mistake]:
    """Of sites in front of an Api that the app does not hold."""
    for site in resources:
        if not isinstance(site, Site) or not isinstance(cast(object, site.api), Api):
            continue
        if not any(one is site.api for one in resources):
            reason = f"site {site.name!r}: its {site.api!r} is not in the app"
            yield Mistake(site.place, reason, "add its module to App(...)")


def _folder(site: Site) -> Iterator[Wrong]:
    said = cast(object, site.folder)
    if not isinstance(said, str) or not said or os.path.isabs(said) or "\\" in said:
        remedy = 'write Site("web", "web"): the folder web beside this module'
        yield f"folder={said!r} is no folder beside its module", remedy
        return
    folder = Path(site.directory)
    if not folder.is_dir():
        near = [one.name for one in folder.parent.glob("*") if one.is_dir()]
        hint = did_you_mean(folder.name, near) if near else "make it"
        yield f"there is no folder {said!r} beside its module", f"{hint}, with {INDEX} in it"
    elif next(folder.glob("*.py"), None) is not None:
        remedy = "put the pages into a folder of their own"
        yield f"{said!r} holds Python code, and all in it would be public", remedy
    elif not (folder / INDEX).is_file():
        yield f"there is no {INDEX} in {said!r}", "write one, or name the folder that has it"
    else:
        yield from _files(site, folder)


def _files(site: Site, folder: Path) -> Iterator[Wrong]:
    names = [*names_of(folder)]
    if len(names) > FILES_MAX:
        remedy = "keep what is large or many in a bucket"
        yield f"{site.folder!r} holds more than {FILES_MAX:,} files", remedy
    for name in names:
        if wrong := wrong_name(name):
            yield f"{name!r}: {wrong}", "rename it, or take it out of the folder"
    first = {name.partition("/")[0] for name in names}
    taken = [OWN_PREFIX[1:], *([API_PREFIX[1:]] if site.api else [])]
    for name in (one for one in taken if one in first):
        yield f"{name!r} in {site.folder!r} would never be served: /{name} is taken", "rename it"


def _options(site: Site) -> Iterator[Wrong]:
    api = cast(object, site.api)
    if api is not None and not isinstance(api, Api):
        yield f"api={api!r} is no Api", 'write api=api, where api = Api("api")'
    if site.spa not in (True, False):
        yield f"spa={site.spa!r}", "True or False"
    yield from _allowed(cast(object, site.allow))


def _allowed(allow: object) -> Iterator[Wrong]:
    if not isinstance(allow, Mapping):
        yield f"allow={allow!r} is no dict", 'write allow={"img-src": ["https://host"]}'
        return
    size = 0
    for name, sources in cast("Mapping[Any, object]", allow).items():
        if name not in DIRECTIVES:
            yield f"allow: there is no {name!r}", did_you_mean(str(name), [*DIRECTIVES])
        if isinstance(sources, str) or not isinstance(sources, Sequence):
            yield f"allow: {sources!r} is no list", f'write "{name}": [...]'
            continue
        for one in cast("Sequence[object]", sources):
            size += len(str(one))
            if not isinstance(one, str) or not SOURCE.fullmatch(one):
                yield f"allow: {one!r} is no source of {name}", SOURCES
    if size > ALLOWED_BYTES_MAX:
        yield f"allow has {size:,} bytes, {ALLOWED_BYTES_MAX:,} at most", "allow a host, not pages"
