"""The one seam where foreign exceptions become ours.

Nothing that asyncio, ssl, socket, zlib or the handshake library raises leaves longwire as it is.
The texts are ours too: a foreign text is shown only where it can hold no URL and no header.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from longwire.errors import (
    AddressError,
    ConnectError,
    LongwireError,
    MessageTooBig,
    ProtocolError,
    TLSError,
)

if TYPE_CHECKING:
    from longwire.core.causes.evidence import End
    from longwire.errors import Blame, ConnectFailure, TLSProblem

Phase = Literal["opening", "open"]
"""``opening``: until the handshake is done. ``open``: on a live link."""


class Loss(NamedTuple):
    """What it means for a live link that its transport ended with an exception."""

    end: End
    by: Blame
    error: LongwireError
    """With the foreign exception as its ``__cause__``."""


class _Meaning(NamedTuple):
    kind: ConnectFailure
    retryable: bool
    blame: Blame
    what: str
    hint: str = ""


_REFUSED: Final = _Meaning(
    "refused", True, "peer", "the connection was refused", "nothing listens there, or not yet"
)
_NO_SOCKET: Final = _Meaning(
    "refused", True, "peer", "there is no socket at this path", "nothing listens there, or not yet"
)
_UNREACHABLE: Final = _Meaning(
    "unreachable", True, "network", "there is no way to the host", "check network and routing"
)
_TIMEOUT: Final = _Meaning(
    "timeout", True, "network", "the other side did not answer in time", "check firewalls and load"
)
_RESET: Final = _Meaning(
    "reset", True, "unknown", "the connection was reset", "the peer or something in between cut it"
)
_EOF: Final = _Meaning(
    "eof", True, "peer", "the connection ended too early", "the peer or a proxy closed it"
)
_EXHAUSTED: Final = _Meaning(
    "local",
    True,
    "local",
    "this machine has no socket left",
    "raise the limit (ulimit -n), close others",
)
_FORBIDDEN: Final = _Meaning(
    "local",
    False,
    "local",
    "this machine does not allow the connection",
    "check rights and firewall",
)
_OTHER_OS_ERROR: Final = _Meaning(
    "local", True, "unknown", "the operating system reported an error"
)


def _by_number(meaning: _Meaning, *names: str) -> dict[int, _Meaning]:
    # Not every platform knows every name.
    return {getattr(errno, name): meaning for name in names if hasattr(errno, name)}


_OS_ERRORS: Final[dict[int, _Meaning]] = {
    **_by_number(_REFUSED, "ECONNREFUSED"),
    **_by_number(_NO_SOCKET, "ENOENT"),
    **_by_number(_UNREACHABLE, "ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EHOSTDOWN", "ENONET"),
    **_by_number(_TIMEOUT, "ETIMEDOUT"),
    **_by_number(
        _RESET, "ECONNRESET", "ECONNABORTED", "EPIPE", "ENOTCONN", "ENETRESET", "ESHUTDOWN"
    ),
    **_by_number(_EXHAUSTED, "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL", "EAGAIN"),
    **_by_number(_FORBIDDEN, "EACCES", "EPERM"),
}

_DNS_FATAL: Final = frozenset(
    getattr(socket, name)
    for name in ("EAI_BADFLAGS", "EAI_FAMILY", "EAI_SERVICE", "EAI_SOCKTYPE")
    if hasattr(socket, name)
)
"""Resolver errors that say our question was wrong. All others, unknown names too, may pass: a
machine that is offline often cannot tell an unknown name from a missing network."""

# OpenSSL's X509_V_ERR_* numbers, which the ssl module does not name.
_TLS_PROBLEMS: Final[dict[int, tuple[TLSProblem, str, str]]] = {
    9: ("other", "the server's certificate is not valid yet", "check this machine's clock"),
    10: ("expired", "the server's certificate has expired", "renew it; check this machine's clock"),
    18: (
        "self-signed",
        "the server's certificate is self-signed",
        "pass tls=longwire.TLS(ca=...) with that certificate",
    ),
    62: ("wrong-name", "the server's certificate is for another name", "check the URL's host"),
    64: ("wrong-name", "the server's certificate is for another address", "check the URL's host"),
}
_UNKNOWN_ISSUER: Final[tuple[TLSProblem, str, str]] = (
    "unknown-issuer",
    "the server's certificate is from an authority that is not trusted here",
    (
        "pass tls=longwire.TLS(ca=...) with that authority; to a client, a server that leaves out "
        "its intermediate certificates looks the same"
    ),
)
_TLS_PROBLEMS.update(dict.fromkeys((2, 19, 20, 21), _UNKNOWN_ISSUER))
_PASSING_TLS_ALERTS: Final = re.compile("INTERNAL_ERROR|BAD_RECORD_MAC|DECRYPTION_FAILED")

_REASON_IN_TEXT: Final = re.compile(r"\[SSL: ([A-Z0-9_]+)\]")
_ERRNO_IN_TEXT: Final = re.compile(r"\[Errno (-?\d+)\]")
_TLS_ENDED: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_TLS_OTHER: Final = (ssl.SSLSyscallError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_SLOW_TLS: Final = re.compile(r"SSL (handshake|shutdown)")


def map_error(error: BaseException, *, phase: Phase, where: str) -> LongwireError:
    """The error of ours that says what a foreign one means.

    Args:
        error: What was raised. An error of ours is returned as it is.
        phase: What was going on. While opening the result is a `ConnectError`; on a live link it is
            another `LongwireError`, with ``blame`` and ``retryable`` set.
        where: The address, secrets removed.

    Raises:
        BaseException: ``error`` itself if it is no `Exception`: a cancellation, an interrupt or an
            exit is never turned into anything else.
    """
    if isinstance(error, LongwireError):
        return error
    if not isinstance(error, Exception) or isinstance(error, asyncio.CancelledError):
        raise error
    for kinds, mapped in _SEAM:
        if isinstance(error, kinds):
            return mapped(error, phase, where)
    if _is_from_websockets(error):
        return _map_protocol(error, phase, where)
    return _unexpected(error, phase, where)


def map_loss(error: BaseException, *, where: str) -> Loss:
    """What ended a live link, from the exception that its transport was lost with.

    Unlike `map_error` it never raises: whatever the engine reports, the link has ended.

    Args:
        error: What the engine told the link.
        where: The other end, secrets removed.
    """
    if isinstance(error, Exception) and not isinstance(error, asyncio.CancelledError):
        mapped = map_error(error, phase="open", where=where)
    else:
        mapped = _unexpected(error, "open", where)
    if mapped is not error:
        mapped.__cause__ = error
    end: End = "reset"
    if isinstance(mapped, ProtocolError):
        end = "protocol-error"
    elif isinstance(mapped, MessageTooBig):
        end = "message-too-big"
    elif isinstance(error, (EOFError, *_TLS_ENDED)):
        end = "eof"
    elif isinstance(error, ssl.SSLError):
        end = "tls-error"
    elif mapped.blame == "local":
        end = "local-error"
    return Loss(end, mapped.blame, mapped)


def _map_group(group: ExceptionGroup[Exception], phase: Phase, where: str) -> LongwireError:
    # One address after the other was tried; the first is the one that is preferred.
    return map_error(group.exceptions[0], phase=phase, where=where)


def _map_os_error(error: OSError | EOFError, phase: Phase, where: str) -> LongwireError:
    if isinstance(error, socket.gaierror | socket.herror):
        return _map_dns(error, where) if phase == "opening" else _made(_UNREACHABLE, phase, where)
    if isinstance(error, EOFError):
        return _made(_EOF, phase, where)
    if _SLOW_TLS.match(str(error)):
        # asyncio and its kin report their TLS time limits as ConnectionAbortedError.
        return _made(_TIMEOUT, phase, where)
    number = error.errno if error.errno is not None else _number_in(str(error))
    meaning = _OS_ERRORS.get(number) if number is not None else _by_class(error)
    if meaning is None:
        name = errno.errorcode.get(number or 0, type(error).__name__)
        meaning = _OTHER_OS_ERROR._replace(what=f"{_OTHER_OS_ERROR.what} ({name})")
    return _made(meaning, phase, where)


def _number_in(text: str) -> int | None:
    # "Multiple exceptions: [Errno 111] ..." is all that is told of several addresses.
    found = _ERRNO_IN_TEXT.search(text)
    return int(found[1]) if found else None


def _by_class(error: OSError) -> _Meaning | None:
    # Raised without a number, as asyncio does.
    if isinstance(error, TimeoutError):
        return _TIMEOUT
    if isinstance(error, ConnectionRefusedError):
        return _REFUSED
    if isinstance(error, ConnectionError):
        return _RESET
    return None


def _map_dns(error: socket.gaierror | socket.herror, where: str) -> AddressError:
    fatal = error.errno in _DNS_FATAL
    return AddressError(
        f"the host name does not resolve ({error.strerror or type(error).__name__})",
        kind="dns",
        retryable=not fatal,
        blame="unknown",
        where=where,
        hint="check the name, and that this machine can reach its DNS server",
    )


def _map_tls(error: ssl.SSLError, phase: Phase, where: str) -> LongwireError:
    if phase == "open":
        return _made(_EOF if isinstance(error, _TLS_ENDED) else _broken_tls(error), phase, where)
    if isinstance(error, ssl.SSLCertVerificationError):
        known = _TLS_PROBLEMS.get(getattr(error, "verify_code", 0))
        problem, what, hint = known or ("other", "the server's certificate is not accepted", "")
        detail = getattr(error, "verify_message", "")
        return TLSError(
            f"{what} ({detail})" if detail and not known else what,
            problem=problem,
            retryable=False,
            where=where,
            hint=hint,
        )
    if isinstance(error, _TLS_ENDED):
        return TLSError("TLS ended too early", problem="protocol", retryable=True, where=where)
    reason = _tls_reason(error)
    hint = "check that TLS is spoken on this port" if "VERSION_NUMBER" in reason else ""
    return TLSError(
        f"TLS failed ({reason or type(error).__name__})",
        problem="other" if isinstance(error, _TLS_OTHER) else "protocol",
        retryable=bool(_PASSING_TLS_ALERTS.search(reason))
        or isinstance(error, ssl.SSLSyscallError),
        where=where,
        hint=hint,
    )


def _tls_reason(error: ssl.SSLError) -> str:
    """OpenSSL's name for what happened, or nothing."""
    # Only OpenSSL's own errors have a reason; one that was made by hand may name it in its text.
    named = _REASON_IN_TEXT.search(str(error))
    return getattr(error, "reason", None) or (named[1] if named else "")


def _broken_tls(error: ssl.SSLError) -> _Meaning:
    return _Meaning(
        "tls",
        retryable=True,
        # A peer that makes a record wrongly and a path that changes one look the same.
        blame="unknown",
        what=f"TLS failed on the live link ({_tls_reason(error) or type(error).__name__})",
        hint="if it happens again, look for what inspects or changes the traffic on the way",
    )


def _is_from_websockets(error: Exception) -> bool:
    # By name: this seam must not import the library, which is loaded at first use only.
    return any(
        base.__name__ == "WebSocketException" and base.__module__.startswith("websockets.")
        for base in type(error).__mro__
    )


def _map_protocol(error: Exception, phase: Phase, where: str) -> LongwireError:
    """What the handshake library says of the handshake, and zlib of compressed data."""
    names = {base.__name__ for base in type(error).__mro__}
    if phase == "opening":
        return ConnectError(
            f"the answer is not a valid WebSocket handshake ({_handshake_fault(error)})",
            kind="handshake",
            retryable=False,
            blame="peer",
            where=where,
            hint=_handshake_hint(error, names),
        )
    if "PayloadTooBig" in names:
        limit = getattr(error, "max_size", 0)
        size = getattr(error, "size", None)
        return MessageTooBig("a message is too big", limit=limit, size=size, blame="peer")
    if isinstance(error, zlib.error):
        # Undecodable content is what 1007 is for (RFC 6455, 7.4.1).
        return ProtocolError("compressed data cannot be inflated", code=1007, where=where)
    return ProtocolError(f"the peer broke the protocol ({type(error).__name__})", where=where)


def _handshake_fault(error: Exception) -> str:
    # The values in these texts are the peer's: they may hold anything, so only names are shown.
    header = getattr(error, "name", None)
    value = getattr(error, "value", None)
    if isinstance(header, str) and header:
        return f"{'wrong' if value else 'missing'} {header}"
    return type(error).__name__


def _handshake_hint(error: Exception, names: set[str]) -> str:
    if "NegotiationError" in names and "extension" in str(error).lower():
        return "pass compression=None"
    if "NegotiationError" in names:
        return "check subprotocols"
    return "check that the URL is that of a WebSocket server and no proxy is in between"


def _map_name(error: UnicodeError, phase: Phase, where: str) -> LongwireError:
    # The resolver encodes host names; on a live link nothing of ours raises it.
    if phase == "open":
        return _unexpected(error, phase, where)
    return AddressError(
        "the host is not a valid name",
        kind="address",
        retryable=False,
        blame="local",
        where=where,
    )


def _unexpected(error: BaseException, phase: Phase, where: str) -> LongwireError:
    meaning = _Meaning(
        "local",
        # Another link may fare better; before there was one, it will most likely fail again.
        retryable=phase == "open",
        blame="local",
        what=f"an unexpected {type(error).__name__} was raised",
        hint="read __cause__; this may be a bug of longwire or of the event loop",
    )
    return _made(meaning, phase, where)


def _made(meaning: _Meaning, phase: Phase, where: str) -> LongwireError:
    if phase == "opening":
        return ConnectError(
            meaning.what,
            kind=meaning.kind,
            retryable=meaning.retryable,
            blame=meaning.blame,
            where=where,
            hint=meaning.hint,
        )
    error = LongwireError(meaning.what, where=where, hint=meaning.hint)
    error.blame = meaning.blame
    error.retryable = meaning.retryable
    return error


_Mapper = Callable[[Any, Phase, str], LongwireError]

_SEAM: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], _Mapper], ...]] = (
    (ExceptionGroup, _map_group),
    (ssl.SSLError, _map_tls),  # an OSError, so it comes before those
    ((OSError, EOFError), _map_os_error),
    (zlib.error, _map_protocol),
    (UnicodeError, _map_name),
)
"""Foreign exceptions by what maps them; the first that fits counts."""
