"""The seam: every foreign exception becomes one of ours, with the right kind."""

from __future__ import annotations

import asyncio
import asyncio.exceptions
import errno
import inspect
import os
import socket
import ssl
import zlib
from typing import TYPE_CHECKING, Any, get_args

import pytest
import websockets.exceptions
from websockets.datastructures import Headers as WebSocketsHeaders
from websockets.http11 import Response as WebSocketsResponse

from longwire.core.causes import End
from longwire.errors import (
    AddressError,
    Blame,
    ConnectError,
    ConnectFailure,
    HandshakeRejected,
    LinkClosed,
    LongwireError,
    MessageTooBig,
    ProtocolError,
    TLSError,
)
from longwire.link.errormap import map_error, map_loss

if TYPE_CHECKING:
    from collections.abc import Iterator

WHERE = "ws://host/"
PHASES = ["opening", "open"]


def exported(module: Any, names: list[str]) -> Iterator[type[BaseException]]:
    for name in names:
        found = getattr(module, name)
        if inspect.isclass(found) and issubclass(found, BaseException):
            yield found


WEBSOCKETS_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "ConnectionClosed": (None, None),
    "ConnectionClosedOK": (None, None),
    "ConnectionClosedError": (None, None),
    "InvalidURI": ("ws://x", "why"),
    "InvalidProxy": ("http://x", "why"),
    "InvalidProxyStatus": (WebSocketsResponse(403, "", WebSocketsHeaders()),),
    "InvalidStatus": (WebSocketsResponse(403, "", WebSocketsHeaders()),),
    "InvalidMethod": ("POST",),
    "InvalidProtocol": ("HTTP/1.0",),
    "InvalidHeader": ("Upgrade",),
    "InvalidHeaderFormat": ("Upgrade", "why", "value", 0),
    "InvalidHeaderValue": ("Upgrade", "value"),
    "InvalidOrigin": ("http://x",),
    "InvalidUpgrade": ("Upgrade", "value"),
    "DuplicateParameter": ("name",),
    "InvalidParameterName": ("name",),
    "InvalidParameterValue": ("name", "value"),
    "PayloadTooBig": (10, 5),
    "TooManyFragments": (5,),
}
"""What the constructors of websockets' exceptions want; none is anything else than a text."""


def walk() -> Iterator[BaseException]:
    """One of everything that asyncio, ssl, socket, zlib, the OS and websockets can raise."""
    arguments: dict[str, tuple[Any, ...]] = {
        "IncompleteReadError": (b"", 1),
        "LimitOverrunError": ("too long", 1),
    }
    for kind in exported(asyncio.exceptions, list(asyncio.exceptions.__all__)):
        yield kind(*arguments.get(kind.__name__, ()))
    for kind in exported(ssl, dir(ssl)):
        yield kind()
        yield kind(1, "[SSL: REASON] text")
    for kind in exported(socket, dir(socket)):
        yield kind()
        yield kind(-2, "text")
    for number in errno.errorcode:
        yield OSError(number, os.strerror(number))
    for name in websockets.exceptions.__all__:
        kind = getattr(websockets.exceptions, name)
        yield kind(*WEBSOCKETS_ARGUMENTS.get(name, ("text",)))
    yield zlib.error("text")
    yield OSError("Multiple exceptions: [Errno 111] one, [Errno 113] two")
    yield OSError("getaddrinfo() returned empty list")
    yield EOFError()
    yield UnicodeError("label too long")
    yield ExceptionGroup("create_connection failed", [ConnectionRefusedError(111, "refused")])
    yield RuntimeError("Event loop is closed")
    yield ValueError("anything")


EVERYTHING = list(walk())


def ids(error: BaseException) -> str:
    return f"{type(error).__name__}-{getattr(error, 'errno', None)}"


def test_walks_what_it_should() -> None:
    """The walk has found the libraries' exceptions, and not only a few."""
    names = {type(one).__name__ for one in EVERYTHING}
    assert {"CancelledError", "SSLCertVerificationError", "gaierror", "InvalidStatus"} <= names
    assert set(websockets.exceptions.__all__) <= names
    assert len(EVERYTHING) > 150


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("error", EVERYTHING, ids=ids)
def test_every_foreign_exception_is_mapped(error: BaseException, phase: Any) -> None:
    """None escapes, but for a cancellation, which is never turned into anything else."""
    if not isinstance(error, Exception):
        with pytest.raises(type(error)) as caught:
            map_error(error, phase=phase, where=WHERE)
        assert caught.value is error
        return
    mapped = map_error(error, phase=phase, where=WHERE)
    assert isinstance(mapped, LongwireError)
    assert str(mapped)
    assert mapped.where == WHERE or isinstance(mapped, MessageTooBig)
    if phase == "opening":
        assert isinstance(mapped, ConnectError)
        assert mapped.kind in get_args(ConnectFailure)
    else:
        assert not isinstance(mapped, AddressError | HandshakeRejected)


async def test_every_exception_that_a_link_is_lost_with_is_mapped(live: Any) -> None:
    """What the engine tells a live link, whatever it is, ends it, with an error of ours."""
    for error in EVERYTHING:
        link, _ = await live()
        link.connection_lost(error)
        closure = await link.wait_closed()
        assert closure.end in get_args(End)
        assert closure.by in get_args(Blame)
        assert isinstance(closure.error, LongwireError)
        assert closure.error.__cause__ is error
        with pytest.raises(LinkClosed) as caught:
            await link.recv()
        assert caught.value.__cause__ is closure.error
        assert link.gone


@pytest.mark.parametrize(
    ("error", "end", "by"),
    [
        (ConnectionResetError(errno.ECONNRESET, "x"), "reset", "unknown"),
        (BrokenPipeError(errno.EPIPE, "x"), "reset", "unknown"),
        (OSError(errno.ETIMEDOUT, "x"), "reset", "network"),
        (OSError(errno.EHOSTUNREACH, "x"), "reset", "network"),
        (OSError(errno.ENETDOWN, "x"), "reset", "network"),
        (OSError(errno.EINVAL, "x"), "reset", "unknown"),
        (OSError(errno.ENOBUFS, "x"), "local-error", "local"),
        (OSError(errno.EPERM, "x"), "local-error", "local"),
        (EOFError(), "eof", "peer"),
        (ssl.SSLEOFError(8, "EOF occurred"), "eof", "peer"),
        (ssl.SSLZeroReturnError(6, "closed"), "eof", "peer"),
        (ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] x"), "tls-error", "unknown"),
        (zlib.error("x"), "protocol-error", "peer"),
        (RuntimeError("x"), "local-error", "local"),
        (asyncio.CancelledError(), "local-error", "local"),
    ],
    ids=ids,
)
def test_ends_of_a_live_link(error: BaseException, end: str, by: str) -> None:
    """How it ended and by whom, where the exception is the evidence; tried again in any case."""
    loss = map_loss(error, where=WHERE)
    assert (loss.end, loss.by) == (end, by)
    assert loss.error.__cause__ is error
    assert loss.error.retryable or isinstance(error, PermissionError | zlib.error)


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit()])
def test_what_is_no_error_is_raised_again(error: BaseException) -> None:
    """A cancellation, an interrupt and an exit go their way."""
    with pytest.raises(type(error)) as caught:
        map_error(error, phase="open", where=WHERE)
    assert caught.value is error


def test_our_own_errors_pass() -> None:
    """An error that is ours already is returned as it is."""
    error = ConnectError("mine", kind="dns", retryable=True)
    assert map_error(error, phase="opening", where=WHERE) is error


@pytest.mark.parametrize(
    ("error", "kind", "retryable", "blame"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "refused", True, "peer"),
        (ConnectionRefusedError(), "refused", True, "peer"),
        (FileNotFoundError(errno.ENOENT, "x"), "refused", True, "peer"),
        (OSError(errno.ENETUNREACH, "x"), "unreachable", True, "network"),
        (OSError(errno.EHOSTUNREACH, "x"), "unreachable", True, "network"),
        (OSError(errno.ETIMEDOUT, "x"), "timeout", True, "network"),
        (TimeoutError(), "timeout", True, "network"),
        (ConnectionAbortedError("SSL handshake is taking longer"), "timeout", True, "network"),
        (ConnectionResetError(), "reset", True, "unknown"),
        (BrokenPipeError(errno.EPIPE, "x"), "reset", True, "unknown"),
        (EOFError(), "eof", True, "peer"),
        (asyncio.IncompleteReadError(b"", 1), "eof", True, "peer"),
        (OSError(errno.EMFILE, "x"), "local", True, "local"),
        (OSError(errno.ENFILE, "x"), "local", True, "local"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "local", True, "local"),
        (PermissionError(errno.EACCES, "x"), "local", False, "local"),
        (OSError(errno.EINVAL, "x"), "local", True, "unknown"),
        (OSError("Multiple exceptions: [Errno 111] a, [Errno 111] b"), "refused", True, "peer"),
        (ExceptionGroup("g", [OSError(errno.ENETUNREACH, "x")]), "unreachable", True, "network"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "dns", True, "unknown"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "dns", True, "unknown"),
        (socket.gaierror(socket.EAI_SERVICE, "x"), "dns", False, "unknown"),
        (UnicodeError("label too long"), "address", False, "local"),
        (RuntimeError("x"), "local", False, "local"),
        (websockets.exceptions.InvalidMessage("x"), "handshake", False, "peer"),
    ],
    ids=str,
)  # fmt: skip
def test_kinds_while_opening(error: Exception, kind: str, retryable: bool, blame: str) -> None:
    """Each fault has its kind, says whether to try again, and blames only with evidence."""
    mapped = map_error(error, phase="opening", where=WHERE)
    assert isinstance(mapped, ConnectError)
    assert (mapped.kind, mapped.retryable, mapped.blame) == (kind, retryable, blame)


def verification_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    error.verify_message = "as OpenSSL says it"
    return error


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (9, "other"),
        (10, "expired"),
        (18, "self-signed"),
        (19, "unknown-issuer"),
        (20, "unknown-issuer"),
        (21, "unknown-issuer"),
        (62, "wrong-name"),
        (64, "wrong-name"),
        (23, "other"),
    ],
)
def test_certificate_problems(code: int, problem: str) -> None:
    """What OpenSSL says of a certificate becomes a problem with a name; trying again is no use."""
    mapped = map_error(verification_error(code), phase="opening", where=WHERE)
    assert isinstance(mapped, TLSError)
    assert (mapped.problem, mapped.retryable) == (problem, False)


@pytest.mark.parametrize(
    ("error", "problem", "retryable"),
    [
        (ssl.SSLEOFError(8, "EOF occurred"), "protocol", True),
        (ssl.SSLZeroReturnError(6, "closed"), "protocol", True),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong"), "protocol", False),
        (ssl.SSLSyscallError(5, "x"), "other", True),
    ],
    ids=str,
)
def test_other_tls_problems(error: ssl.SSLError, problem: str, retryable: bool) -> None:
    """A TLS handshake that fails without a certificate being to blame."""
    mapped = map_error(error, phase="opening", where=WHERE)
    assert isinstance(mapped, TLSError)
    assert (mapped.problem, mapped.retryable) == (problem, retryable)


def test_passing_tls_alerts_are_retryable() -> None:
    """A server that reports an internal error may be well again next time."""
    error = ssl.SSLError(1, "x")
    error.reason = "TLSV1_ALERT_INTERNAL_ERROR"
    assert map_error(error, phase="opening", where=WHERE).retryable


def test_on_a_live_link() -> None:
    """On a live link errors keep blame and retryability, without being ConnectErrors."""
    reset = map_error(ConnectionResetError(errno.ECONNRESET, "x"), phase="open", where=WHERE)
    assert type(reset) is LongwireError
    assert (reset.retryable, reset.blame) == (True, "unknown")
    broken = map_error(zlib.error("x"), phase="open", where=WHERE)
    assert isinstance(broken, ProtocolError)
    assert broken.code == 1007
    too_big = map_error(websockets.exceptions.PayloadTooBig(10, 5), phase="open", where=WHERE)
    assert isinstance(too_big, MessageTooBig)
    assert (too_big.limit, too_big.size) == (5, 10)


def test_foreign_texts_are_not_repeated() -> None:
    """A foreign text may hold a URL or a header: it is in __cause__ at most, never in ours."""
    for error in (
        RuntimeError("wss://bob:s3cr3t@h/"),
        ValueError("Authorization: s3cr3t"),
        OSError(errno.EINVAL, "s3cr3t"),
        websockets.exceptions.InvalidHeaderValue("Sec-WebSocket-Accept", "s3cr3t"),
        websockets.exceptions.InvalidURI("wss://bob:s3cr3t@h/", "s3cr3t"),
    ):
        mapped = map_error(error, phase="opening", where=WHERE)
        assert "s3cr3t" not in f"{mapped} {mapped!r}"


def test_hints_of_failed_negotiations() -> None:
    """What to change is said: compression, or subprotocols."""
    errors = websockets.exceptions
    extension = errors.NegotiationError("Unsupported extension: name = x")
    subprotocol = errors.NegotiationError("unsupported subprotocol: x")
    assert "compression=None" in map_error(extension, phase="opening", where=WHERE).hint
    assert "subprotocols" in map_error(subprotocol, phase="opening", where=WHERE).hint
