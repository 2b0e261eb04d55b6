"""How many random trials a property gets: what it asks for, and in `make check` a tenth of that."""

from __future__ import annotations

from hypothesis import settings

CHECK = "check"  # the profile that `make check` names
FEWEST = 30


def trials(count: int) -> settings:
    """No deadline: how long one trial takes says more of the machine than of the code."""
    is_check = settings.get_current_profile_name() == CHECK
    return settings(max_examples=max(count // 10, FEWEST) if is_check else count, deadline=None)
