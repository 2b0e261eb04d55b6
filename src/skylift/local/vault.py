"""What secrets are encrypted with: one key for each app, outside its state, so that a copy of the
state tells nothing. It is made with the first secret, and nobody but its owner may read it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StateError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_VARIABLE = "SKYLIFT_SECRETS_KEY"  # the key itself, in place of the file
KEY_BYTES, NONCE_BYTES = 32, 12
OTHERS = 0o077  # permission bits of everybody but the owner


class Vault:
    """Of one app. StateError when there is no key, or another one than a secret was sealed with."""

    def __init__(self, app: str, environment: Mapping[str, str]) -> None:
        self.app, self._environment = app, environment
        self._cipher: AESGCM | None = None

    def sealed(self, name: str, value: str, nonce: bytes) -> bytes:
        """AES-256-GCM; the name is sealed with it, so that no secret passes for another."""
        return self._key(is_made=True).encrypt(nonce, value.encode(), name.encode())

    def opened(self, name: str, nonce: bytes, sealed: bytes) -> str:
        from cryptography.exceptions import InvalidTag

        try:
            return self._key().decrypt(nonce, sealed, name.encode()).decode()
        except InvalidTag as error:
            raise StateError(
                f"secret {name!r} was sealed with another key than {self._where()} holds\n"
                f"    hint: bring that key back, or skylift secret set {self.app} {name}"
            ) from error

    def _key(self, *, is_made: bool = False) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if self._cipher is None:
            self._cipher = AESGCM(self._said() or self._kept(is_made=is_made))
        return self._cipher

    def _said(self) -> bytes | None:
        said = self._environment.get(KEY_VARIABLE)
        if not said:
            return None
        with suppress(ValueError):
            if len(key := bytes.fromhex(said)) == KEY_BYTES:
                return key
        raise StateError(
            f"{KEY_VARIABLE} is no key\n    hint: it has {2 * KEY_BYTES} hexadecimal digits"
        )

    def _kept(self, *, is_made: bool) -> bytes:
        path = self._path()
        if not path.exists() and is_made:
            make(path)
        try:
            if path.stat().st_mode & OTHERS:
                raise StateError(f"others may read {path}\n    hint: chmod 600 {path}")
            key = path.read_bytes()
        except OSError as error:
            raise StateError(
                f"the key of the secrets cannot be read: {path}: {error.strerror}\n"
                f"    hint: bring it back, say {KEY_VARIABLE}, or set the secrets anew"
            ) from error
        if len(key) != KEY_BYTES:
            raise StateError(f"{path} is no key\n    hint: bring back the one that was there")
        return key

    def _path(self) -> Path:
        folder = self._environment.get("XDG_CONFIG_HOME")
        home = self._environment.get("HOME")
        if not folder and not home:
            raise StateError(
                "there is no place for the key of the secrets\n"
                f"    hint: set HOME or {KEY_VARIABLE}"
            )
        return Path(folder or f"{home}/.config") / "skylift" / f"{self.app}.key"

    def _where(self) -> str:
        return KEY_VARIABLE if self._environment.get(KEY_VARIABLE) else str(self._path())


def make(path: Path) -> None:
    """A new key, whole or not at all; one that somebody else has just made stays."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    fresh = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(AESGCM.generate_key(8 * KEY_BYTES))
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    except OSError as error:
        raise StateError(
            f"the key of the secrets cannot be made: {path}: {error.strerror}\n"
            f"    hint: make the folder writable, or say {KEY_VARIABLE}"
        ) from error
