"""The way of a message, as the modules on it see each other: out of a `Source`, into a `Queue`.

Compiled in Cython's pure-Python mode; runs uncompiled too. `longwire.link.parser.Parser` is the one
`Source`, `longwire.link.inbox.Inbox` the one `Queue`. They are described here, and in ``flow.pxd``
for Cython, so that reader, parser, inbox and receivers call each other in C, for every read, and
know nothing else of each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

NOTHING: Any = object()
"""What `Queue.pop` answers when there is nothing to hand over."""


@cython.cclass
class Source:
    """Bytes in, messages out."""

    if TYPE_CHECKING:
        error: Exception | None
        """Why parsing ended, or None."""
        blocked: bool
        """Parsing stopped for want of room; call `parse` again when there is some."""
        halfway: bool
        """It stopped halfway through a long message: `parse` it on in another turn of the loop."""
        payload_bytes: int
        """Payload of the messages of the last `parse`, in bytes as on the wire after inflating."""
        opcode: int
        """Of the fragmented message under way; 0 if there is none."""

    @cython.ccall
    def get_buffer(self) -> Any:
        """Memory for the next read, never empty."""
        raise NotImplementedError

    @cython.ccall
    def filled(self, count: cython.Py_ssize_t) -> cython.void:
        """So many bytes were read into what `get_buffer` gave."""
        raise NotImplementedError

    @cython.ccall
    def parse(self, room: cython.Py_ssize_t, room_bytes: cython.longlong) -> list[Any]:
        """Turn what was read into messages, at most ``room`` of them."""
        raise NotImplementedError

    @cython.ccall
    def has_controls(self) -> cython.bint:
        """Whether there are control frames to take."""
        raise NotImplementedError


@cython.cclass
class Queue:
    """Where messages go: a reader fills it, and somebody who receives empties it."""

    if TYPE_CHECKING:
        gathering: bool
        """The producer will call `hand_over`: the consumer is not woken in its thread before."""
        ended: bool
        """No more will come."""
        error: Any
        """Makes what is raised after the last message, once it has ended."""
        quiet: bool
        """Iteration ends after the last message instead of raising."""
        overdue: bool
        """The consumer has been served for so long without a pause that its loop has to wait."""

    # -- the producer -------------------------------------------------------------------------

    @cython.ccall
    def room(self) -> cython.Py_ssize_t:
        """How many more messages may be committed now."""
        raise NotImplementedError

    @cython.ccall
    def room_bytes(self) -> cython.longlong:
        """How many more bytes may be committed now.

        Negative: nothing waits, so one message of any size may, or more of ``-room_bytes()`` bytes.
        """
        raise NotImplementedError

    @cython.ccall
    def commit(self, fresh: list[Any], payload_bytes: cython.longlong) -> cython.Py_ssize_t:
        """Append the messages of one read. Returns how many were taken; the rest must wait."""
        raise NotImplementedError

    @cython.ccall
    def hand_over(self) -> cython.void:
        """Let the consumer go on at once with what was committed while `gathering` was set.

        The last thing that the producer does in a callback of the loop.
        """
        raise NotImplementedError

    # -- the consumer -------------------------------------------------------------------------

    @cython.ccall
    def pop(self, marks: cython.bint = False) -> object:
        """The next item without waiting, or `NOTHING`. Marks are left out unless asked for."""
        raise NotImplementedError

    @cython.ccall
    def take(self, marks: cython.bint = False) -> list[Any] | None:
        """Everything that waits, or None. Marks are left out unless asked for."""
        raise NotImplementedError

    @cython.ccall
    def load(self, one: cython.bint) -> cython.bint:
        """Make ready what `pop` (if ``one``) or `take` will hand over; False if there is nothing.

        They do it themselves, unless that is another thread's.
        """
        raise NotImplementedError

    @cython.ccall
    def finished(self) -> cython.bint:
        """Whether everything has been handed over and no more will come."""
        raise NotImplementedError

    @cython.ccall
    def breathe(self) -> cython.void:
        """The consumer lets its loop run."""
        raise NotImplementedError

    @cython.ccall
    def expect(self) -> cython.bint:
        """Have the consumer told when something comes; False if there may be something already."""
        raise NotImplementedError

    @cython.ccall
    def add_waiter(self) -> object:
        """What to wait on until there may be something; None if there may be already."""
        raise NotImplementedError

    @cython.ccall
    def hold_back(self) -> object:
        """What to wait on before the end is told yet again, to who asks too often; or None."""
        raise NotImplementedError

    @cython.ccall
    def drop_waiter(self, waiter: object) -> cython.void:
        """A waiter was cancelled: pass its turn on if it had been given one."""
        raise NotImplementedError

    @cython.ccall
    def pass_on(self) -> cython.void:
        """A receiver was served: if there is more, it is the next one's turn."""
        raise NotImplementedError
