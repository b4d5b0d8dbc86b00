"""What a client over TLS meets: certificates, good and bad, and bytes beneath TLS."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import os
import socket
import ssl
from typing import TYPE_CHECKING, Final, cast

import trustme

from longwire.testing import openings

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterator

    from longwire.testing import NumberedFeed, RawLink

HOST: Final = "127.0.0.1"


@functools.cache
def _authority() -> trustme.CA:
    return trustme.CA()


@functools.cache
def good() -> ssl.SSLContext:
    """The server's."""
    return _served(_authority().issue_cert(HOST))


@functools.cache
def expired() -> ssl.SSLContext:
    """A server's whose certificate ran out yesterday."""
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    return _served(
        _authority().issue_cert(
            HOST, not_before=yesterday - dt.timedelta(days=30), not_after=yesterday
        )
    )


@functools.cache
def of_another() -> ssl.SSLContext:
    """A server's whose certificate is for another host."""
    return _served(_authority().issue_cert("other.example"))


@functools.cache
def trusting() -> ssl.SSLContext:
    """The client's."""
    context = ssl.create_default_context()
    _authority().configure_trust(context)
    return context


def _served(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextlib.asynccontextmanager
async def speaking(feed: NumberedFeed, tls: ssl.SSLContext | None) -> AsyncIterator[None]:
    """Inside, new connections meet another TLS, or none."""
    await _listen_with(feed, tls)
    try:
        yield
    finally:
        await _listen_with(feed, good())


async def _listen_with(feed: NumberedFeed, tls: ssl.SSLContext | None) -> None:
    await feed.stop_listening()
    feed.tls = tls
    await feed.listen()


async def answer_in_plain_text(link: RawLink) -> None:
    """As a web server answers who speaks TLS to its plain port."""
    link.write(openings.response(400))
    link.drop()


async def say_nothing(link: RawLink) -> None:
    """Not a word to whoever speaks TLS."""
    await link.wait_ended(timeout=None)


@contextlib.contextmanager
def _at_its_end() -> Iterator[None]:
    """The client may have gone, or read too slowly: then this fault is none."""
    with contextlib.suppress(OSError):
        yield


@_at_its_end()
def end_beneath(link: RawLink) -> None:
    """FIN without TLS's own goodbye: what TLS calls a truncation."""
    link.finished = True
    if (beneath := _socket(link)) is not None:
        beneath.shutdown(socket.SHUT_WR)


@_at_its_end()
def garble(link: RawLink) -> None:
    """A record that nobody has encrypted."""
    link.frozen = True
    if (beneath := _socket(link)) is not None:
        os.write(beneath.fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))


def _socket(link: RawLink) -> socket.socket | None:
    """None where TCP has ended, and asyncio's TLS has not told the link."""
    # Nothing that speaks TLS lets anybody beneath it.
    transport = cast("asyncio.Transport", link._transport)  # noqa: SLF001
    beneath: socket.socket | None = transport.get_extra_info("socket")
    return beneath
