"""Read buffers: one for all links of a loop, and lent to one that has a part of a frame in it.

Compiled in Cython's pure-Python mode; runs uncompiled too. A server has many links, and most of
them wait for something to come. The loop reads for one link at a time, and what was read is parsed
before it reads for the next: between two reads most links need no buffer at all.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from longwire.link.transport import reads_in_one_step

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if TYPE_CHECKING:
    import asyncio

READ_BUFFER = 135_168
"""Bytes of one read at most: large enough to carry thousands of small messages per system call,
small enough to stay in the second-level cache while it is parsed, and a little more than two frames
of 64 KiB, a common size: of what does not fit the rest would have to be moved for every read."""


@cython.final
@cython.cclass
class Lender:
    """The read buffer of a loop's links.

    Whoever reads takes `buffer` as it is, and sets `lent` while there is something of theirs in it.
    If it still is when the next one comes, the buffer stays with its borrower, and there is another
    one (`renew`).
    """

    if TYPE_CHECKING:
        buffer: bytearray
        spare: bytearray | None
        view: memoryview
        lent: bool

    def __init__(self) -> None:
        self.spare = None
        self.renew()

    @cython.ccall
    def renew(self) -> cython.void:
        """Leave the buffer to who has borrowed it, and make another."""
        self.buffer = bytearray(READ_BUFFER) if self.spare is None else self.spare
        self.spare = None
        self.view = memoryview(self.buffer)
        self.lent = False

    @cython.ccall
    def take_back(self, buffer: bytearray) -> cython.void:
        """Its borrower needs it no more: it is the next one that is lent, in place of a new one."""
        if len(buffer) == READ_BUFFER:
            self.spare = buffer


_of_loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Lender] = (
    weakref.WeakKeyDictionary()
)


def lender_for(transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> Lender:
    """The loop's, or one of its own for a transport that may have two reads under way."""
    if not reads_in_one_step(transport):
        return Lender()
    lender = _of_loops.get(loop)
    if lender is None:
        lender = _of_loops[loop] = Lender()
    return lender
