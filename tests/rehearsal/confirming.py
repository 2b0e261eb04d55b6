"""What MiniStack's Cognito leaves out when somebody confirms: the address is verified then, which
makes an alias of it, and refused when it is another's (services/cognito.py, `_confirm_sign_up`).
Without it nobody could sign in by his address. Run by path, for the emulator knows none of ours.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cognito

confirmed: Any = cognito._confirm_sign_up


def confirm_sign_up(asked: dict[str, Any]) -> Any:
    pool, _ = cognito._pool_for_client(asked.get("ClientId"))
    user: dict[str, Any] = pool["_users"].get(asked.get("Username"), {}) if pool else {}
    known: dict[str, str] = cognito._attr_list_to_dict(user.get("Attributes", []))
    email = known.get("email", "")
    if pool and email and "email" in pool["AutoVerifiedAttributes"]:
        held = cognito._resolve_user(pool, email)[0]
        if held not in (None, user):
            taken = "An account with the email already exists."
            return cognito.error_response_json("AliasExistsException", taken, 400)
        user["Attributes"] = cognito._dict_to_attr_list(known | {"email_verified": "true"})
    return confirmed(asked)


def fill_in() -> None:
    cognito._confirm_sign_up = confirm_sign_up
