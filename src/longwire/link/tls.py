"""What TLS is asked for as a client, and the contexts made of it, each once."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from longwire.errors import ConnectError

if TYPE_CHECKING:
    from longwire.link.address import Address

_PEM: Final = "-----BEGIN "
_CONTEXTS: Final = threading.Lock()
"""Two first links at the same time make one context."""


@dataclass(frozen=True, kw_only=True)
class TLS:
    """What the TLS of a ``wss`` link is to be like.

    It reads the files it is given when it is made, so that a wrong one is known at once. The
    system's certificate store is read once, by a thread, when the first link needs it.

    Args:
        server_name: The name that is asked for (SNI, RFC 6066) and that the server's certificate
            must be for; None: the URL's host.
        alpn: Protocols to offer (RFC 7301), in order of preference, such as ``("http/1.1",)``;
            by default none, as WebSocket servers need none.
        certificate: A PEM file with the client's certificate, and the ones between it and the
            authority; None: none is shown.
        key: The PEM file of its private key; None: it is in ``certificate``.
        password: What the key is encrypted with. It is in no ``repr``.
        ca: The only authorities to trust: a PEM file, a folder of them as ``openssl rehash`` makes
            it, or the PEM text itself. None: the system's.
        keylog: A file to which the keys of each connection are added, so that a tool such as
            Wireshark can read it. Who has it can read everything. None: the environment variable
            ``SSLKEYLOGFILE``, if it is set.
        context: A context of your own, used as it is; beside it only ``server_name`` makes sense.

    Raises:
        TypeError, ValueError: an option is not meant so, or a file is not what it should be.
    """

    server_name: str | None = None
    alpn: Sequence[str] = ()
    certificate: str | os.PathLike[str] | None = None
    key: str | os.PathLike[str] | None = None
    password: str | bytes | None = field(default=None, repr=False)
    ca: str | os.PathLike[str] | None = field(default=None, repr=False)
    keylog: str | os.PathLike[str] | None = None
    context: ssl.SSLContext | None = None

    _made: ssl.SSLContext = field(init=False, repr=False, compare=False)
    _complete: bool = field(init=False, repr=False, compare=False)
    """Whether it knows whom to trust."""

    def __post_init__(self) -> None:
        if self.server_name is not None:
            _check_name(self.server_name)
        own = self.context
        if own is not None:
            self._check_own(own)
        elif self.key is not None and self.certificate is None:
            raise ValueError("TLS.key needs TLS.certificate")
        elif self.password is not None and self.certificate is None:
            raise ValueError("TLS.password needs TLS.certificate")
        object.__setattr__(self, "alpn", _checked_alpn(self.alpn))
        object.__setattr__(self, "_made", self._make() if own is None else own)
        object.__setattr__(self, "_complete", own is not None or self.ca is not None)

    def _check_own(self, context: object) -> None:
        if not isinstance(context, ssl.SSLContext):
            raise TypeError(f"TLS.context must be an ssl.SSLContext, not {context!r}")
        check_context(context, "TLS.context")
        for name in ("alpn", "certificate", "key", "password", "ca", "keylog"):
            if getattr(self, name):
                raise ValueError(f"TLS.context is your own: set {name} there, not beside it")

    def _make(self) -> ssl.SSLContext:
        # As ssl.create_default_context makes it, but for reading the system's store.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if sys.version_info >= (3, 13):
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
        if self.alpn:
            context.set_alpn_protocols(list(self.alpn))
        if self.ca is not None:
            _trust(context, self.ca)
        if self.certificate is not None:
            self._show(context, self.certificate)
        keylog = os.environ.get("SSLKEYLOGFILE") if self.keylog is None else self.keylog
        if keylog:
            try:
                context.keylog_filename = os.fspath(keylog)
            except OSError as error:
                name = "SSLKEYLOGFILE" if self.keylog is None else "TLS.keylog"
                raise ValueError(f"{name}: {_reason(error)}") from error
        return context

    def _show(self, context: ssl.SSLContext, certificate: str | os.PathLike[str]) -> None:
        # Without a password, OpenSSL would ask for one at the terminal, and wait.
        password = _no_password if self.password is None else self.password
        try:
            context.load_cert_chain(certificate, self.key, password)
        except _NoPasswordError:
            raise ValueError("TLS.key is encrypted: give its password") from None
        except (OSError, ValueError) as error:
            raise ValueError(
                f"TLS.certificate and TLS.key cannot be used: {_reason(error)}"
            ) from error

    @property
    def ready(self) -> ssl.SSLContext | None:
        """The context; None if the system's certificate store is not in it yet."""
        return self._made if self._complete else None

    def complete(self) -> ssl.SSLContext:
        """The context. At its first call it may read the store, which takes up to 0.2 s."""
        with _CONTEXTS:
            if not self._complete:
                self._made.load_default_certs(ssl.Purpose.SERVER_AUTH)
                object.__setattr__(self, "_complete", True)
        return self._made


TLSOption = TLS | ssl.SSLContext | bool | None
"""What ``tls=`` takes."""

_DEFAULT: list[TLS] = []
"""The one for ``tls=None`` and ``tls=True``, once it was needed."""


class Secured(NamedTuple):
    """What a TLS handshake needs."""

    context: ssl.SSLContext
    server_name: str


async def secured(tls: TLSOption, address: Address) -> Secured:
    """The context for an address, and the name to ask for and to check.

    Raises:
        ConnectError: ``tls`` is False, or nothing that can be used.
    """
    # A zone (fe80::1%eth0) is no part of the name a certificate is for.
    return await secured_for(tls, address.host.partition("%")[0], where=str(address))


async def secured_for(tls: TLSOption, host: str, *, where: str) -> Secured:
    """The same, for a host without an address: a proxy.

    Raises:
        ConnectError: ``tls`` is False, or nothing that can be used.
    """
    if tls is False or not isinstance(tls, TLS | ssl.SSLContext | bool | None):
        hint = "pass tls=None, longwire.TLS, or an ssl.SSLContext that checks less if you want"
        raise _unusable("a wss:// address cannot be opened without TLS", where=where, hint=hint)
    try:
        if isinstance(tls, ssl.SSLContext):
            check_context(tls, "tls")
            return Secured(tls, host)
        # Where nobody gave one, the environment may be at fault.
        group = tls if isinstance(tls, TLS) else _default()
    except ValueError as error:
        raise _unusable(str(error), where=where, hint="correct it, or leave it out") from error
    context = group.ready
    if context is None:
        loop = asyncio.get_running_loop()
        context = await loop.run_in_executor(None, group.complete)
    return Secured(context, group.server_name or host)


def _unusable(what: str, *, where: str, hint: str) -> ConnectError:
    return ConnectError(what, kind="local", retryable=False, blame="local", where=where, hint=hint)


def check_context(context: ssl.SSLContext, name: str) -> None:
    """A context that a client can use.

    Raises:
        ValueError: it is one for servers.
    """
    if context.protocol == ssl.PROTOCOL_TLS_SERVER:
        raise ValueError(
            f"{name} is a context for servers: make one with ssl.create_default_context()"
        )


def _default() -> TLS:
    if not _DEFAULT:
        _DEFAULT.append(TLS())
    return _DEFAULT[0]


class _NoPasswordError(Exception):
    """Raised where OpenSSL asks for a password that nobody gave."""


def _no_password() -> NoReturn:
    raise _NoPasswordError


def _trust(context: ssl.SSLContext, ca: str | os.PathLike[str]) -> None:
    text = os.fspath(ca)
    if not isinstance(text, str):
        raise TypeError("TLS.ca must be a path or PEM text")
    try:
        if _PEM in text:
            context.load_verify_locations(cadata=text)
        elif Path(text).is_dir():
            context.load_verify_locations(capath=text)
        else:
            context.load_verify_locations(cafile=text)
    except (OSError, ValueError) as error:
        shown = "" if _PEM in text else f" {text}"
        raise ValueError(f"TLS.ca{shown} cannot be used: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """What went wrong with a file, in the system's words."""
    if isinstance(error, ssl.SSLError):
        return error.reason or "it is not in PEM format"
    if isinstance(error, OSError):
        return f"{error.strerror}{f' ({error.filename})' if error.filename else ''}"
    return type(error).__name__


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"TLS.server_name must be a name, not {name!r}")
    # It goes into the handshake as it is: OpenSSL takes it for what it says.
    # And Python refuses what begins with a dot.
    printable = name.isascii() and name.isprintable() and " " not in name
    if not name or not printable or name.startswith(".") or len(name) > 255:
        raise ValueError(f"TLS.server_name={name!a} is not a host name")


def _checked_alpn(names: object) -> tuple[str, ...]:
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise TypeError(f"TLS.alpn must be a list of names, not {names!r}")
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"TLS.alpn must be a list of names, not {names!r}")
        if not name or not name.isascii() or not name.isprintable() or len(name) > 255:
            raise ValueError(f"TLS.alpn: {name!a} is not a protocol's name")
    return tuple(names)
