"""Values that would become lines of a header, or that a terminal obeys."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.link.dial import dial
from longwire.link.routing import OpeningRequest, Response
from longwire.testing import frames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.link.base import Link

PATIENCE = 60.0
ENDS = ["\r\n", "\n", "\r", "\0", "\r\nX-Injected: yes", "\u010d\u010a"]
"""The last two become CR and LF where somebody keeps the low byte only."""


class Listener:
    """A TCP server that answers every connection with the same bytes, and keeps what it heard."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.heard = b""
        self.connections = 0
        self.port = 0
        self.open = 0

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            self.heard += await reader.readuntil(b"\r\n\r\n")
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", self.heard)
            writer.write(self.answer.replace(b"ACCEPT", accept(key[1] if key else b"")))
            await writer.drain()
            await reader.read()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        self.open -= 1


def accept(key: bytes) -> bytes:
    import base64
    import hashlib

    guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(key + guid).digest())


@contextlib.asynccontextmanager
async def listening(answer: bytes = b"") -> AsyncIterator[Listener]:
    """A listener, until the end."""
    listener = Listener(answer)
    async with await asyncio.start_server(listener.attend, "127.0.0.1", 0) as server:
        listener.port = server.sockets[0].getsockname()[1]
        yield listener
        server.close()
        async with asyncio.timeout(PATIENCE):
            while listener.open:  # noqa: ASYNC110 - each ends in a turn of the loop
                await asyncio.sleep(0)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("where", ["path", "query", "host", "user"])
async def test_urls(where: str, end: str) -> None:
    """One with a line end is refused; what is not ASCII is encoded. Nothing new is on the wire."""
    async with listening(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n") as listener:
        host = f"127.0.0.1:{listener.port}"
        url = {
            "path": f"ws://{host}/a{end}b",
            "query": f"ws://{host}/?a={end}b",
            "host": f"ws://127.0.0.1{end}:{listener.port}/",
            "user": f"ws://us{end}er:pass@{host}/",
        }[where]
        with pytest.raises(longwire.ConnectError) as caught:
            await dial(url)
        assert b"X-Injected" not in listener.heard
        assert b"\0" not in listener.heard
        assert listener.heard.count(b"\r") == listener.heard.count(b"\n")
        if end.isascii():
            assert isinstance(caught.value, longwire.AddressError)
            assert not listener.connections
        assert printed(str(caught.value)) == str(caught.value)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("where", ["name", "value", "origin", "subprotocol"])
async def test_fields_of_a_request(where: str, end: str) -> None:
    """Refused before anything is sent; the error does not show the value."""
    every: dict[str, dict[str, Any]] = {
        "name": {"headers": {f"X{end}": "y"}},
        "value": {"headers": {"X-One": f"s3cr3t{end}"}},
        "origin": {"origin": f"http://s3cr3t{end}"},
        "subprotocol": {"subprotocols": [f"one{end}"]},
    }
    async with listening() as listener:
        with pytest.raises((ValueError, longwire.LongwireError)) as caught:
            await dial(f"ws://127.0.0.1:{listener.port}/", **every[where])
        assert not listener.heard
    assert "s3cr3t" not in str(caught.value)
    assert printed(str(caught.value)) == str(caught.value)


@pytest.mark.parametrize("end", ENDS)
def test_fields_of_a_response(end: str) -> None:
    """A hook cannot be made to send a line of somebody else's."""
    for headers in ({f"X{end}": "y"}, {"X-One": f"y{end}"}):
        with pytest.raises(ValueError, match="header"):
            Response(200, headers)


@pytest.mark.parametrize("end", ENDS)
async def test_a_subprotocol_that_a_server_is_offered(kit: Any, end: str) -> None:
    """What cannot be a subprotocol is refused before a function of the user's could choose it."""

    async def handler(link: Link) -> None:
        await link.wait_closed()

    async with kit.serve(
        handler, "127.0.0.1", 0, select_subprotocol=lambda offered: next(iter(offered), None)
    ) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: one{end}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"X-Injected" not in head
        assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 101 "))
        assert b"\0" not in head
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.mark.parametrize("end", ENDS)
async def test_close_reasons(kit: Any, end: str) -> None:
    """They are payload, so nothing can be injected; and they arrive as they are."""

    async def handler(link: Link) -> None:
        await link.close(4000, f"a{end}b")

    async with kit.serve(handler, "127.0.0.1", 0) as server:
        link = await dial(f"ws://127.0.0.1:{server.port}/")
        closure = await link.wait_closed()
        assert closure.received_reason == f"a{end}b"
        assert printed(str(closure)) == str(closure)
        await link.wait_gone()


# ---------------------------------------------------------------- what is printed

EVIL = "\x1b]0;owned\x07\x1b[2J\u202e\x9b31m\x00\x08\r"
"""Retitles the window, clears the screen, reverses the order of reading, hides a line."""

ANSWERS = {
    "status line": f"HTTP/1.1 400 {EVIL}\r\nContent-Length: 0\r\n\r\n".encode(),
    "not HTTP": EVIL.encode() + b"\r\n\r\n",
    "field": f"HTTP/1.1 400 x\r\nX-{EVIL}: {EVIL}\r\n\r\n".encode(),
    "body": b"HTTP/1.1 400 x\r\nContent-Length: 99\r\n\r\n" + EVIL.encode() * 3,
    "location": f"HTTP/1.1 302 x\r\nLocation: ws://{EVIL}/\r\n\r\n".encode(),
    "location latin": b"HTTP/1.1 302 x\r\nLocation: ws://127.0.0.1:1/\x9b31m\r\n\r\n",
    "subprotocol": (
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Protocol: {EVIL}\r\n\r\n"
    ).encode(),
    "extension": (
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Extensions: {EVIL}\r\n\r\n"
    ).encode(),
    "upgrade": f"HTTP/1.1 101 x\r\nUpgrade: {EVIL}\r\nConnection: Upgrade\r\n\r\n".encode(),
    "reason": (
        b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: ACCEPT\r\n\r\n"
        + frames.frame(frames.TEXT, EVIL.encode())
        + frames.frame(frames.CLOSE, frames.close_payload(4000, EVIL))
    ),
}


def printed(text: str) -> str:
    """The text without what a terminal would obey; line feeds may stay."""
    return "".join(one for one in text if one == "\n" or one.isprintable())


@pytest.mark.parametrize("name", ANSWERS)
async def test_nothing_that_a_client_tells_is_obeyed(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Errors, interruptions, causes and the log show escapes, whatever the server sent."""
    caplog.set_level(logging.DEBUG)
    async with listening(ANSWERS[name]) as listener:
        client = longwire.connect(
            f"ws://127.0.0.1:{listener.port}/", retry=longwire.Retry(attempts=1), isolate=False
        )

        async def receive() -> None:
            async with client:
                async for _ in client:
                    pass

        with pytest.raises(longwire.LongwireError) as caught:
            await receive()
    told = [str(caught.value), repr(caught.value)]
    told += [record.getMessage() for record in caplog.records]
    told += [str(one) for one in client.interruptions]
    told += [reason for one in client.interruptions for reason in one.reasons]
    told += [alert.text for alert in client.alerts]
    for text in told:
        assert printed(text) == text


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("command", [["listen"], ["listen", "--json"], ["send"]])
async def test_nothing_that_the_command_line_prints_is_obeyed(
    name: str, command: list[str]
) -> None:
    """On both of its outputs."""
    async with listening(ANSWERS[name]) as listener:
        url = f"ws://127.0.0.1:{listener.port}/"
        more = ["hello"] if command == ["send"] else []
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "longwire",
            *command,
            url,
            *more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        talking = asyncio.create_task(process.communicate())
        async with asyncio.timeout(PATIENCE):
            # When it has come again it has told why it had to.
            while listener.connections < 2 and not talking.done():  # noqa: ASYNC110 - of no event
                await asyncio.sleep(0.01)
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
            outputs = await talking
    for output in outputs:
        text = output.decode()
        assert printed(text) == text
    assert any(outputs)


async def test_nothing_that_a_server_logs_is_obeyed(
    kit: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Requests that fail in every way, with everything logged."""
    caplog.set_level(logging.DEBUG)

    async def hook(request: OpeningRequest) -> None:
        raise KeyError

    async def handler(link: Link) -> None:
        raise KeyError

    upgrade = (
        "Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    )
    requests = [
        f"GET /{EVIL} HTTP/1.1\r\n{upgrade}\r\n",
        f"GET /x HTTP/1.1\r\n{upgrade}X-One: {EVIL}\r\n\r\n",
        f"GET /x HTTP/1.1\r\n{upgrade}{EVIL}: x\r\n\r\n",
        f"GET /x HTTP/1.1\r\n{upgrade}Origin: {EVIL}\r\n\r\n",
        f"{EVIL} /x HTTP/1.1\r\n{upgrade}\r\n",
        f"GET /x HTTP/1.1\r\n{upgrade}\r\n",
    ]
    for before in (hook, None):
        async with kit.serve(handler, "127.0.0.1", 0, before_upgrade=before) as server:
            for request in requests:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(request.encode())
                await reader.readuntil(b"\r\n\r\n")
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    assert len(caplog.records) > len(requests)
    for record in caplog.records:
        assert printed(record.getMessage()) == record.getMessage()
