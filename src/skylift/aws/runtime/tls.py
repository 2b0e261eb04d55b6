"""TLS without the ssl module, whose import costs 62 M instructions more than `_ssl`. A context here
is what `ssl.SSLContext(PROTOCOL_TLS_CLIENT)` is: TLS 1.2 or later, certificate and name checked.

Believed are the roots of AWS's own authorities, shipped beside this file (9 M; the system's 145
certificates 239 M), and the system's when these do not vouch; or just what AWS_CA_BUNDLE names.
"""

from __future__ import annotations

import _ssl
from _socket import socket
from collections.abc import Callable
from typing import Any, Protocol

from ...errors import DeclarationError, Mistake

ROOTS = __file__.rpartition("tls.")[0] + "roots.pem"
REQUIRED = 2  # ssl.CERT_REQUIRED

Unvouched = _ssl.SSLCertVerificationError
Connect = Callable[[], socket]  # connected, with its time-out set
Context: Any = _ssl._SSLContext  # pyright: ignore[reportPrivateUsage]


class Secured(Protocol):
    """A socket after its handshake."""

    def read(self, count: int, /) -> bytes: ...
    def write(self, data: memoryview, /) -> int: ...


class Trust:
    """The context in use; once the system's store was needed, that one."""

    def __init__(self, bundle: str = "") -> None:
        self._bundle = bundle
        self._may_widen = not bundle
        self._context = _context(bundle or ROOTS, bundle)

    def secured(self, connect: Connect, host: str) -> tuple[socket, Secured]:
        """A connection after its handshake; Unvouched, or another OSError."""
        try:
            return _shaken(connect(), self._context, host)
        except Unvouched:
            if not self._may_widen:
                raise
        wide = _bare_context()
        wide.set_default_verify_paths()
        secured = _shaken(connect(), wide, host)
        self._context, self._may_widen = wide, False
        return secured


def _shaken(plain: socket, context: Any, host: str) -> tuple[socket, Secured]:
    try:
        secured = context._wrap_socket(plain, False, host)
        secured.do_handshake()
    except BaseException:
        plain.close()
        raise
    return plain, secured


def _context(path: str, bundle: str) -> Any:
    context = _bare_context()
    try:
        context.load_verify_locations(path, None, None)
    except OSError as error:
        if not bundle:
            raise
        remedy = "name a file of certificates in PEM"
        mistake = Mistake("environment: AWS_CA_BUNDLE", f"{bundle}: {error}", remedy)
        raise DeclarationError(mistake) from error
    return context


def _bare_context() -> Any:
    context = Context(_ssl.PROTOCOL_TLS_CLIENT)
    # They are so already, but what everything rests on is not left to a default.
    context.verify_mode = REQUIRED
    context.check_hostname = True
    return context
