"""Answers to an opening handshake, good and bad. Each is, or makes, an `Opening`."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from longwire.testing.rawlink import Opening, OpeningHead, RawLink

_GUID: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_key(key: str) -> str:
    """The ``Sec-WebSocket-Accept`` that answers a ``Sec-WebSocket-Key`` (RFC 6455 4.2.2)."""
    digest = hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def answer(
    head: OpeningHead, *, accept: str | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """A 101 for this request.

    Args:
        head: The opening request.
        accept: ``Sec-WebSocket-Accept``; None: the right one.
        headers: Added, such as ``Sec-WebSocket-Protocol`` or ``-Extensions``.
    """
    fields = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Accept": accept or accept_key(head.headers.get("sec-websocket-key", "")),
        **(headers or {}),
    }
    return _head("101 Switching Protocols", fields.items())


def response(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """A plain HTTP response with ``Content-Length`` and ``Connection: close``."""
    fields = {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    return _head(f"{status} {HTTPStatus(status).phrase}", fields.items()) + body


def _head(status: str, fields: Iterable[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def accept(link: RawLink) -> None:
    """Answer as RFC 6455 asks, with no subprotocol and no extension."""
    link.write(answer(await link.read_head()))
    link.open()


def accept_with(headers: Mapping[str, str], *, early: bytes = b"") -> Opening:
    """Accept with added headers, and with ``early`` bytes right behind the blank line."""

    async def opening(link: RawLink) -> None:
        link.write(answer(await link.read_head(), headers=headers) + early)
        link.open()

    return opening


def accept_then_close(code: int | None = 1013, reason: str = "") -> Opening:
    """Accept and send a close frame at once (None: an empty one)."""

    async def opening(link: RawLink) -> None:
        link.write(answer(await link.read_head()))
        link.send_close(code, reason)
        link.open()

    return opening


def accept_after(gate: asyncio.Event) -> Opening:
    """Accept once ``gate`` is set; until then the client waits."""

    async def opening(link: RawLink) -> None:
        await gate.wait()
        await accept(link)

    return opening


def reject(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Opening:
    """Answer with an HTTP status and close."""

    async def opening(link: RawLink) -> None:
        await link.read_head()
        link.write(response(status, headers, body))
        link.drop()

    return opening


def redirect(location: str, status: int = 302) -> Opening:
    """Send the client somewhere else."""
    return reject(status, {"Location": location})


async def never_answer(link: RawLink) -> None:
    """Take the request and say nothing."""
    await link.read_head()


def drip(interval: float, raw: bytes | None = None) -> Opening:
    """Send the answer byte by byte.

    Args:
        interval: Seconds between two bytes.
        raw: What to drip; None: a correct 101.
    """

    async def opening(link: RawLink) -> None:
        whole = raw or answer(await link.read_head())
        for position in range(len(whole)):
            link.write(whole[position : position + 1])
            await asyncio.sleep(interval)
        link.open()

    return opening


async def wrong_accept_key(link: RawLink) -> None:
    """A 101 that answers another client's key."""
    await link.read_head()
    other = accept_key("AAAAAAAAAAAAAAAAAAAAAA==")
    assert link.head is not None
    link.write(answer(link.head, accept=other))


def garbage(raw: bytes = b"\x00\xff SSH-2.0-OpenSSH_9.9\r\n\r\n") -> Opening:
    """Answer with bytes that are no HTTP, and close."""

    async def opening(link: RawLink) -> None:
        await link.read_head()
        link.write(raw)
        link.drop()

    return opening


async def end_of_file(link: RawLink) -> None:
    """Close TCP in good order instead of answering."""
    await link.read_head()
    link.drop()


async def end_inside_answer(link: RawLink) -> None:
    """Close TCP in the middle of a correct answer."""
    whole = answer(await link.read_head())
    link.write(whole[: len(whole) // 2])
    link.drop()


async def reset_instead(link: RawLink) -> None:
    """RST instead of an answer."""
    await link.read_head()
    link.reset()
