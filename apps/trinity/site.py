"""The pages, and the Api behind them at /api: one origin, so that no page needs CORS."""

from __future__ import annotations

from skylift import Site

from .people import api

web = Site("web", "web", api=api)
