"""What every UsersPort must do. Bind it with a fixture `open_world` whose worlds have their
`ports`, a `clock` to be moved, and `mail(address)`: the texts that were sent to it, the newest
last. Nothing in it is skipped or changed for one of them.
"""

from __future__ import annotations

from .accounts.joining import JoiningContract
from .accounts.known import KnownContract
from .accounts.lasting import LastingContract
from .accounts.passwords import PasswordsContract
from .accounts.signing import SigningContract


class UsersContract(
    JoiningContract, SigningContract, LastingContract, PasswordsContract, KnownContract
):
    """All of it."""
