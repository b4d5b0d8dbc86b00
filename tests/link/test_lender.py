"""One read buffer for all links of a loop, and how little that leaves to an idle one."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
import weakref
from typing import TYPE_CHECKING

import longwire
from longwire.link.dial import dial
from longwire.link.lender import READ_BUFFER, Lender, lender_for

if TYPE_CHECKING:
    from longwire.link.base import Link


def test_who_has_borrowed_the_buffer_keeps_it() -> None:
    """There is another one then, for everybody else."""
    lender = Lender()
    borrowed = lender.buffer
    lender.lent = True
    lender.renew()
    assert lender.buffer is not borrowed
    assert (len(lender.buffer), len(lender.view), lender.lent) == (READ_BUFFER, READ_BUFFER, False)


def test_a_buffer_that_comes_back_is_lent_next() -> None:
    """One is kept for that; what has grown meanwhile is not."""
    lender = Lender()
    borrowed = lender.buffer
    lender.renew()
    lender.take_back(borrowed)
    lender.take_back(bytearray(2 * READ_BUFFER))
    lender.renew()
    assert lender.buffer is borrowed
    assert lender.spare is None


async def test_a_loop_has_one() -> None:
    """For the transports whose reads are never two at a time; any other has one of its own."""

    class Transport(asyncio.Transport):
        pass

    loop = asyncio.get_running_loop()
    known = asyncio.Transport()
    assert lender_for(known, loop) is lender_for(known, loop)
    assert lender_for(Transport(), loop) is not lender_for(Transport(), loop)


def test_a_loop_that_is_gone_leaves_none() -> None:
    """A process may run one loop after the other."""
    loop = asyncio.new_event_loop()
    before = weakref.ref(loop)
    lender_for(asyncio.Transport(), loop)
    loop.close()
    del loop
    gc.collect()
    assert before() is None


async def test_links_that_wait_have_no_buffers() -> None:
    """Neither when they are new nor behind a large message, on either side."""
    links = 20

    async def hear(link: Link) -> None:
        async for message in link:
            del message

    async with longwire.serve(hear, "127.0.0.1", compression=None) as server:
        url = f"ws://127.0.0.1:{server.port}/"
        opened = [await dial(url, compression=None)]
        await opened[0].send(bytes(100_000))
        await opened[0].ping()
        gc.collect()
        tracemalloc.start()
        try:
            for _ in range(links):
                opened.append(await dial(url, compression=None))
                await opened[-1].send(bytes(100_000))
                await opened[-1].ping()
            gc.collect()
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        for link in opened:
            await link.close()
    # Two ends each; a buffer alone would be four times as much.
    assert taken / (2 * links) < 32_768
