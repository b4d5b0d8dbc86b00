"""What a call can be for a reader of WebSocket messages, and what a value is."""

from __future__ import annotations

import enum
from typing import Final, NamedTuple


class Role(enum.Flag):
    """What a call does."""

    NONE = 0
    RECEIVE = enum.auto()
    SEND = enum.auto()
    CLOSE = enum.auto()
    CONNECT = enum.auto()
    PAUSE = enum.auto()
    """Suspends the task for a time."""
    BLOCK = enum.auto()
    """Keeps its thread until something happens."""
    POLL = enum.auto()
    """Looks whether there is something in a channel, and does not wait for it."""
    TAKE = enum.auto()
    """Waits for something out of a channel, and lets other tasks run meanwhile."""
    PUT = enum.auto()
    """Puts something into a channel."""
    SPAWN = enum.auto()
    """Starts a task."""
    THREAD = enum.auto()
    """Runs a function on a thread where it may block."""
    GATHER = enum.auto()
    """Waits for several futures."""
    LIMIT = enum.auto()
    """Sets a limit of time to what it waits for."""
    LOCK = enum.auto()
    PARSE = enum.auto()
    """Fails at text that is not what was expected."""
    SLOW = enum.auto()
    """Waits for the answer of another machine."""
    EXIT = enum.auto()
    """Ends the process."""


class Shape(enum.Enum):
    """Of what a receive gives: how a message, an error and the end look."""

    OPTION_RESULT = "Option<Result<Message, Error>>"
    RESULT_OPTION = "Result<Option<Message>, Error>"
    RESULT = "Result<Message, Error>"
    OPTION = "Option<Message>"


class Kind(NamedTuple):
    """What a value is, but for references, options, results, futures and smart pointers around it.

    Attributes:
        name: Of a socket, such as ``"axum"``, ``"axum.reader"`` for half of one; of a channel's
            end, ``"std.receiver"``; ``"mutex.tokio"``, ``"guard.std"``, ``"tuple"``, ``"vec"``,
            ``"joinhandle"``, ``"interval"``, ``"sleep"``; ``"struct:Name"`` for one of this file.
        of: The kinds of what is in it.
    """

    name: str
    of: tuple[Kind, ...] = ()

    @property
    def family(self) -> str:
        """The library that a socket is of."""
        return self.name.partition(".")[0]

    @property
    def half(self) -> str:
        """``"reader"`` or ``"writer"``, where it is half a socket; ``"receiver"`` of a channel."""
        return self.name.partition(".")[2]


UNKNOWN: Final = Kind("?")


class Known(NamedTuple):
    """What is known of a function or method of a library.

    Attributes:
        role: What calling it does.
        gives: The kind of its result, awaited.
        shape: Of the result of a receive.
        waits: It gives a future: nothing happens unless it is awaited.
    """

    role: Role = Role.NONE
    gives: Kind | None = None
    shape: Shape | None = None
    waits: bool = False
