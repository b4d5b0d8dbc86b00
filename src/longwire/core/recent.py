"""The latest messages that were handed over: what a number that comes again is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.core.sequence import Data

    Key = tuple[str | None, int]
    """A stream and a number in it."""
    Print = Data | tuple[int, int]
    """A message, or the length and hash of a large one."""

WINDOW: Final = 1_024
"""How many messages are remembered, over all streams: more than feeds usually replay."""

KEPT_BYTES: Final = 2**18
"""How large they may be together: little, for the next messages cannot have their memory, which is
still in the processor's cache."""

_WHOLE: Final = 256
"""Up to this length a message is its own print."""


def print_of(message: Data) -> Print:
    """What is remembered of a message."""
    return message if len(message) <= _WHOLE else (len(message), hash(message))


class Recent:
    """The last `WINDOW` messages that were handed over, fewer if they are large.

    To note them is cheap, for that happens all the time: a copy of references. What they are is
    found out when a number is asked for, each message once.

    Args:
        describe: Gives a message's stream and number, None if it has none.
    """

    def __init__(self, describe: Callable[[Data], Key | None]) -> None:
        self._describe = describe
        # How many were noted ever.
        self._count = 0
        # The last of them, which nobody has looked at yet, and what they measure at most.
        self._fresh: list[Data] = []
        self._fresh_bytes = 0
        # What is known, oldest first: the count at each, and its print.
        self._known: dict[Key, tuple[int, Print]] = {}
        self._begun: dict[str | None, int] = {}

    def note(self, messages: list[Data], size: int) -> None:
        """Remember messages that were handed over.

        Args:
            messages: In order. They are copied: who takes them one by one empties the list.
            size: Their bytes, or more.
        """
        count = len(messages)
        self._count += count
        if count >= WINDOW:
            self._fresh = messages[-WINDOW:]
            self._fresh_bytes = size
        else:
            self._fresh += messages
            self._fresh_bytes += size
        if self._fresh_bytes > KEPT_BYTES or len(self._fresh) > 2 * WINDOW:
            self._trim()

    def _trim(self) -> None:
        """Let go of what is oldest; of the bytes so many that this is rarely to be done."""
        del self._fresh[:-WINDOW]
        if self._fresh_bytes > KEPT_BYTES:
            self._fresh_bytes = sum(map(len, self._fresh))
        while self._fresh_bytes > KEPT_BYTES // 2:
            del self._fresh[: len(self._fresh) // 2 + 1]
            self._fresh_bytes = sum(map(len, self._fresh))

    def find(self, stream: str | None, number: int) -> Print | None:
        """The print of the message that had this number; None if it is not remembered."""
        self._look()
        count, found = self._known.get((stream, number), (0, None))
        if count <= max(self._count - WINDOW, self._begun.get(stream, 0)):
            return None
        return found

    def forget(self, stream: str | None) -> None:
        """The stream's numbering begins anew: what was noted up to now says nothing about it."""
        self._begun[stream] = self._count
        if len(self._begun) > 2 * WINDOW:
            oldest = self._count - WINDOW
            self._begun = {name: at for name, at in self._begun.items() if at > oldest}

    def _look(self) -> None:
        """Find out what the fresh messages are."""
        known = self._known
        at = self._count - len(self._fresh)
        for message in self._fresh:
            at += 1
            key = self._describe(message)
            if key is not None:
                # Out and in again: behind all others.
                known.pop(key, None)
                known[key] = (at, print_of(message))
        self._fresh.clear()
        self._fresh_bytes = 0
        while len(known) > WINDOW:
            del known[next(iter(known))]
