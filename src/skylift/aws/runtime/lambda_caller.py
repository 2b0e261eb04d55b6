"""Who calls, as the gateway says it: what a token claims whose signature it has looked at, and
nothing but texts, a list as `[a b]`. It takes any token of the pool, and only one kind is for this.
"""

from __future__ import annotations

from typing import Any

from ...user import Caller


def caller_of(claims: dict[str, Any]) -> Caller | None:
    """None for a token that is no access token of a user."""
    id = claims.get("username")
    if claims.get("token_use") != "access" or not isinstance(id, str):
        return None
    groups = claims.get("cognito:groups", "")
    return Caller(id, claims.get("name", id), tuple(groups.strip("[]").split()))
