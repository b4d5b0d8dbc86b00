"""Numbers checked, gaps filled: what stands between inbox and user when `Sequence` is given.

It runs on the user's loop, when messages are taken: the user's functions are called where the
user's code runs, and while a refill is under way the inbox fills and holds the feed back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from longwire.client.events import Recovered
from longwire.client.jsonfields import JsonFields
from longwire.core.sequence import Gap, Tracker

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.core.sequence import Sequence
    from longwire.link.inbox import Inbox


def _fields_of(sequence: Sequence) -> JsonFields | None:
    number = sequence.number if isinstance(sequence.number, str) else None
    stream = sequence.stream if isinstance(sequence.stream, str) else None
    return None if number is None and stream is None else JsonFields(number, stream)


class Vetting:
    """Follows the numbers of what is taken from an inbox; see `Inbox.vet`.

    Args:
        sequence: The user's options.
        inbox: Whose receivers are woken after a refill.
        on_trouble: Called with a text when a refill failed or a number could not be read.
    """

    def __init__(
        self, sequence: Sequence, inbox: Inbox, *, on_trouble: Callable[[str], None]
    ) -> None:
        self._sequence = sequence
        self._inbox = inbox
        self._on_trouble = on_trouble
        self._tracker = Tracker(sequence, _fields_of(sequence))
        self._line: list[Any] = []
        self._refill: asyncio.Task[list[Any]] | None = None
        self._stopped = False
        self._unreadable = 0
        self.missing = 0
        """Messages that are known to be missing, as far as their number is known."""
        self.refilled = 0
        """Messages that refills brought."""

    @property
    def holding(self) -> bool:
        """Whether a refill is under way: nothing may pass it."""
        return self._refill is not None

    @property
    def ready(self) -> bool:
        """Whether something stands in line that may be handed over."""
        return self._refill is None and bool(self._line)

    @property
    def held(self) -> int:
        """Messages that stand in line."""
        return sum(1 for item in self._line if isinstance(item, str | bytes))

    @property
    def repeated(self) -> int:
        """Messages not handed over because they had been before."""
        return self._tracker.repeated

    def admit(self, batch: list[Any], *, marks: bool) -> list[Any]:
        """What may be handed over now, of what stood in line and of what was just taken.

        Args:
            batch: What was just taken.
            marks: Whether there are marks in it.
        """
        vetted = self._check(batch) if marks else self._check_messages(batch)
        if not self._line and self._sequence.refill is None:
            return vetted
        self._line += vetted
        return self._release()

    def _check(self, batch: list[Any]) -> list[Any]:
        """The batch with gaps in their places and without repeats; the very list if all is well."""
        marks = [at for at, item in enumerate(batch) if not isinstance(item, str | bytes)]
        checked: list[Any] = []
        start = 0
        for at in marks:
            checked += self._check_messages(batch[start:at])
            checked.append(batch[at])
            if isinstance(batch[at], Recovered):
                self._tracker.new_link()
            start = at + 1
        return checked + self._check_messages(batch[start:])

    def _check_messages(self, messages: list[Any]) -> list[Any]:
        checked = self._tracker.check_batch(messages)
        if self._tracker.unreadable > self._unreadable:
            if not self._unreadable:
                self._on_trouble(
                    "Sequence.number or .stream failed on a message, which passed unchecked: "
                    f"{self._tracker.last_error!r}"
                )
            self._unreadable = self._tracker.unreadable
        if checked is None:
            return messages
        if self._sequence.refill is None:
            self._count_missing(checked)
        return checked

    def _count_missing(self, items: list[Any]) -> None:
        self.missing += sum(item.count or 0 for item in items if isinstance(item, Gap))

    def _release(self) -> list[Any]:
        """Everything in line up to the first gap that can be filled; its refill begins."""
        if self._stopped:
            self._line = [each for item in self._line for each in self._given_up(item)]
        for at, item in enumerate(self._line):
            if isinstance(item, Gap) and item.kind == "sequence":
                passed, self._line = self._line[:at], self._line[at:]
                self._refill = asyncio.get_running_loop().create_task(
                    self._fill(item), name="longwire refill"
                )
                self._refill.add_done_callback(self._filled)
                return passed
        passed, self._line = self._line, []
        return passed

    async def _fill(self, gap: Gap) -> list[Any]:
        if self._sequence.refill is None:
            return []
        async with asyncio.timeout(self._sequence.refill_timeout):
            return list(await self._sequence.refill(gap))

    def _filled(self, refill: asyncio.Task[list[Any]]) -> None:
        """A refill is over, or was cancelled, perhaps before its first step."""
        self._refill = None
        gap = self._line[0]
        brought: list[Any] = []
        if not refill.cancelled():
            # Whatever it raised, also what is no Exception: later messages must not wait for ever.
            error = refill.exception()
            if error is None:
                brought = refill.result()
            else:
                self._on_trouble(f"Sequence.refill failed for {gap}: {error!r}")
        self._line[:1] = self._in_place_of(gap, brought)
        self._inbox.wake()

    def _in_place_of(self, gap: Gap, brought: list[Any]) -> list[Any]:
        filled = self._tracker.refilled(gap, brought)
        self.refilled += sum(1 for item in filled if isinstance(item, str | bytes))
        self._count_missing(filled)
        return filled

    def _given_up(self, item: Any) -> list[Any]:
        """An item in line, when nothing is refilled any more."""
        if isinstance(item, Gap) and item.kind == "sequence":
            return self._in_place_of(item, [])
        return [item]

    async def stop(self) -> None:
        """Refill no more. The gap of a refill that is under way is told, and what waits follows."""
        self._stopped = True
        refill = self._refill
        if refill is not None:
            refill.cancel()
            await asyncio.wait([refill])
