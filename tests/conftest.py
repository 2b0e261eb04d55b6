"""The profile of `make check`, before the first property asks which one it is."""

from __future__ import annotations

from hypothesis import settings

from tests.trials import CHECK

settings.register_profile(CHECK)
