"""What a call can be for a reader of WebSocket messages."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Role(enum.Flag):
    """What a call does. A function has the roles of all that it calls."""

    NONE = 0
    RECEIVE = enum.auto()
    SEND = enum.auto()
    PING = enum.auto()
    PONG = enum.auto()
    CLOSE = enum.auto()
    CONNECT = enum.auto()
    PAUSE = enum.auto()
    """Lets a time pass, or waits until something else happens."""
    YIELD = enum.auto()
    """Gives the other tasks their turn, and goes on at once."""
    BLOCK = enum.auto()
    """Keeps its thread, and with it an event loop."""
    SPAWN = enum.auto()
    """Starts a task."""
    THREAD = enum.auto()
    """Starts a thread, or hands a call over to one."""
    GATHER = enum.auto()
    """Waits for several tasks."""
    LIMIT = enum.auto()
    """Sets a limit of time to what it waits for."""
    CANCEL = enum.auto()
    PUT = enum.auto()
    """Puts something into a queue."""
    TAKE = enum.auto()
    """Takes something out of a queue."""
    PARSE = enum.auto()
    """Fails at text that is not what was expected."""
    LOG = enum.auto()
    QUIET_LOG = enum.auto()
    """Writes a line that nobody sees by default."""
    TELL = enum.auto()
    """Makes something known to other code: a result, an event, a callback."""
    EXIT = enum.auto()
    """Ends the process."""


class Known(NamedTuple):
    """What is known of a function of a library.

    Attributes:
        role: What calling it does.
        gives: The kind of its result: of what is awaited or entered, where it is a coroutine or a
            context manager.
        waits: It is a coroutine function: nothing happens unless the result is awaited.
    """

    role: Role = Role.NONE
    gives: str | None = None
    waits: bool = False
