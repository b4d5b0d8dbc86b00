"""The reception: what a handler's end means for its link, and the errors nobody expects."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import LinkClosed
from longwire.link.base import Request
from longwire.link.headers import Headers
from longwire.link.listen import serve
from longwire.link.reception import attend

if TYPE_CHECKING:
    from longwire.link.base import Link


class FakeLink:
    """Notes how it is ended."""

    def __init__(self) -> None:
        self.closure: object = None
        self.request = Request(path="/path?token=s3cr3t", headers=Headers())
        self.ends: list[object] = []
        self.gone = asyncio.Event()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.ends.append(code)
        self.gone.set()

    def abort(self) -> None:
        self.ends.append("abort")
        self.gone.set()

    async def wait_gone(self) -> None:
        await self.gone.wait()


async def attended(handler: Any, link: FakeLink) -> None:
    fake: Any = link
    await attend(fake, handler)


async def test_returning_means_1000() -> None:
    """A handler that is done closes in good order."""
    link = FakeLink()

    async def handler(link: Link) -> None:
        """Nothing to do."""

    await attended(handler, link)
    assert link.ends[0] == 1000


async def test_raising_means_1011(caplog: pytest.LogCaptureFixture) -> None:
    """The error is logged with its path, and goes no further."""
    link = FakeLink()

    async def handler(link: Link) -> None:
        raise ValueError

    await attended(handler, link)
    assert link.ends[0] == 1011
    (record,) = caplog.records
    assert record.getMessage() == "the handler for /path raised"


async def test_closing_links_are_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """A LinkClosed of a link that is on its way out needs no log."""
    link = FakeLink()

    async def handler(link: Link) -> None:
        raise LinkClosed("it is closing")

    await attended(handler, link)
    assert link.ends[0] == 1000
    assert not caplog.records


async def test_cancelling_aborts(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever is cancelled does not wait for a close handshake, and has failed in nothing."""
    link = FakeLink()

    async def handler(link: Link) -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(attended(handler, link))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert link.ends == ["abort"]
    assert not caplog.records


async def test_raising_over_a_cancellation(caplog: pytest.LogCaptureFixture) -> None:
    """A handler that fails in its cleaning up has failed like any other."""
    link = FakeLink()

    async def handler(link: Link) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    task = asyncio.create_task(attended(handler, link))
    await asyncio.sleep(0)
    task.cancel()
    await task
    assert link.ends[0] == 1011
    assert [record.getMessage() for record in caplog.records] == ["the handler for /path raised"]


async def test_our_own_bugs_are_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, until: Any
) -> None:
    """A connection that fails in a way nobody foresaw is told to the log, and closed."""

    async def broken(*_args: Any, **_options: Any) -> None:
        raise ZeroDivisionError

    async def handler(link: Link) -> None:
        """Never called."""

    async with serve(handler, "127.0.0.1", 0) as server:
        monkeypatch.setattr("longwire.link.reception.Reception._negotiate", broken)
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.setblocking(False)
            await until(lambda: caplog.records)
            assert await asyncio.get_running_loop().sock_recv(client, 1) == b""
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
