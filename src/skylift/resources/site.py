"""A site: the pages of an app, as files in a folder, and its Api behind them: `/` and `/api` of one
origin. So a page calls its Api without CORS, and a cookie is nobody else's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .resource import Resource

if TYPE_CHECKING:
    from .api import Api

API_PREFIX = "/api"  # of the origin, behind which the Api has its own paths
OWN_PREFIX = "/_skylift"
INDEX = "index.html"
NOTHING_MORE: Mapping[str, Sequence[str]] = {}


class Site(Resource):
    """`Site("web", "web", api=api)`: the folder beside the module that declares it, at `/`, and the
    Api at `/api`. With `spa` a page that is no file is `index.html`, which knows what to show.
    `allow` adds sources to the content security policy, which else knows this origin alone.
    """

    kind = "site"

    def __init__(
        self,
        name: str,
        folder: str,
        *,
        api: Api | None = None,
        spa: bool = True,
        allow: Mapping[str, Sequence[str]] = NOTHING_MORE,
    ) -> None:
        self._declare(name)
        self.folder, self.api, self.spa, self.allow = folder, api, spa, allow

    @property
    def directory(self) -> str:
        """Where its files are on this machine."""
        return os.path.join(os.path.dirname(self.place.rpartition(":")[0]), self.folder)


def prefix(api: Api, sites: Iterable[Site]) -> str | None:
    """The path before an Api's own, where it is behind a site."""
    return API_PREFIX if any(site.api is api for site in sites) else None
