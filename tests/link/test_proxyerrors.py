"""The seam towards proxies: whatever is raised there becomes one of ours, and names the proxy."""

from __future__ import annotations

import asyncio
import errno
import inspect
import os
import socket
import ssl
from typing import TYPE_CHECKING, get_args

import pytest
import python_socks
from python_socks._protocols.errors import ReplyError

from longwire.errors import AddressError, ConnectError, ProxyError, ProxyProblem
from longwire.link.errormap import map_error
from longwire.link.proxy import Proxy
from longwire.link.proxyerrors import map_proxy_error

if TYPE_CHECKING:
    from collections.abc import Iterator

WHERE = "ws://host/"
PROXY = Proxy("socks5://bob:s3cr3t@proxy.example")


def walk() -> Iterator[Exception]:
    """One of everything that python-socks, ssl, socket and the system can raise."""
    for name in python_socks.__all__:
        kind = getattr(python_socks, name)
        if inspect.isclass(kind) and issubclass(kind, Exception):
            yield kind("text")
    for code in range(256):
        yield python_socks.ProxyError("text", error_code=code)
    for number in errno.errorcode:
        yield OSError(number, os.strerror(number))
    for name in dir(ssl):
        kind = getattr(ssl, name)
        if inspect.isclass(kind) and issubclass(kind, ssl.SSLError):
            yield kind(1, "[SSL: REASON] text")
    yield socket.gaierror(socket.EAI_NONAME, "text")
    yield EOFError()
    yield ValueError("s3cr3t")
    yield IndexError("s3cr3t")
    yield UnicodeEncodeError("ascii", "s3cr3t", 0, 1, "text")
    yield RuntimeError("s3cr3t")
    yield ReplyError("text")


EVERYTHING = list(walk())


@pytest.mark.parametrize("error", EVERYTHING, ids=lambda one: f"{type(one).__name__}-{one}"[:40])
def test_every_foreign_exception_is_mapped(error: Exception) -> None:
    """To an error that names proxy and server, and tells no foreign text."""
    mapped = map_proxy_error(error, PROXY, where=WHERE)
    assert isinstance(mapped, ProxyError)
    assert mapped.problem in get_args(ProxyProblem)
    assert mapped.proxy == "socks5://proxy.example:1080"
    assert mapped.where == WHERE
    assert mapped.proxy in mapped.what
    assert "s3cr3t" not in f"{mapped} {mapped!r}"
    assert isinstance(map_error(error, phase="opening", where=WHERE), ConnectError)


def test_walks_what_it_should() -> None:
    """The walk has found the library's exceptions."""
    names = {type(one).__name__ for one in EVERYTHING}
    assert {"ProxyError", "ProxyTimeoutError", "ProxyConnectionError"} <= names


def test_our_own_pass_and_cancellations_go_their_way() -> None:
    """Nothing is wrapped twice, and a cancellation never becomes anything else."""
    mine = AddressError("mine", kind="address", retryable=False)
    assert map_proxy_error(mine, PROXY, where=WHERE) is mine
    with pytest.raises(asyncio.CancelledError):
        map_proxy_error(asyncio.CancelledError(), PROXY, where=WHERE)


@pytest.mark.parametrize(
    ("error", "problem", "retryable", "blame"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "unreachable", True, "network"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "unreachable", True, "network"),
        (OSError(errno.EMFILE, "x"), "unreachable", True, "local"),
        (PermissionError(errno.EACCES, "x"), "unreachable", False, "local"),
        (ConnectionResetError(), "unreachable", True, "network"),
        (EOFError(), "unreachable", True, "network"),
        (ssl.SSLCertVerificationError(1, "x"), "tls", False, "network"),
        (ssl.SSLEOFError(8, "x"), "tls", True, "network"),
        (ValueError("x"), "protocol", False, "unknown"),
    ],
    ids=str,
)
def test_kinds(error: Exception, problem: str, retryable: bool, blame: str) -> None:
    """Each has its kind, and says whether to try again."""
    mapped = map_proxy_error(error, PROXY, where=WHERE)
    assert isinstance(mapped, ProxyError)
    assert (mapped.problem, mapped.retryable, mapped.blame) == (problem, retryable, blame)
