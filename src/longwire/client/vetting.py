"""Numbers checked, gaps filled: what stands between inbox and user when `Sequence` is given.

It runs where the user's functions do, when messages are taken: on the user's loop, as a rule. While
a refill is under way the inbox fills and holds the feed back.

What was taken and cannot be handed over yet stands in *line*: stretches of messages and marks, and
gaps to be refilled between them. It counts against the inbox's limits, and nothing more is taken
before it is gone, so a feed with many gaps costs no more memory than one without. What refills
bring comes on top: it is as much as the user's function returns.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from longwire.client.events import Recovered
from longwire.client.jsonfields import JsonFields
from longwire.core.overflow import size_of
from longwire.core.sequence import Gap
from longwire.core.tracker import Tracker
from longwire.link.inbox import count_marks, is_loss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from longwire.core.sequence import Sequence
    from longwire.link.inbox import Inbox
    from longwire.observe.alerts import AlertKind


def _fields_of(sequence: Sequence) -> JsonFields | None:
    number = sequence.number if isinstance(sequence.number, str) else None
    stream = sequence.stream if isinstance(sequence.stream, str) else None
    return None if number is None and stream is None else JsonFields(number, stream)


@dataclass
class Counts:
    """What `Vetting` has counted."""

    repeated: int = 0
    """Messages not handed over because they had been before."""
    missing: int = 0
    """Messages that are known to be missing, as far as their number is known."""
    refilled: int = 0
    """Messages that refills brought."""
    held: int = 0
    """Messages that stand in line."""
    held_bytes: int = 0


class Stretch:
    """What stands in line between two gaps."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        self.messages = len(items) - count_marks(items)
        self.bytes = sum(size_of(item) for item in items if isinstance(item, str | bytes))


class Vetting:
    """Follows the numbers of what is taken from an inbox; see `Inbox.vet`.

    Args:
        sequence: The user's options.
        inbox: Whose receivers are woken after a refill.
        on_trouble: Called with the kind of an alert and a text when a refill failed or a number
            could not be read.
    """

    def __init__(
        self, sequence: Sequence, inbox: Inbox, *, on_trouble: Callable[[AlertKind, str], None]
    ) -> None:
        self._sequence = sequence
        self._inbox = inbox
        self._on_trouble = on_trouble
        self._tracker = Tracker(sequence, _fields_of(sequence))
        self._line: deque[Stretch | Gap] = deque()
        self._refill: asyncio.Task[list[Any]] | None = None
        self._stopped = False
        self._unreadable = 0
        self._long_rows = 0
        # As things stand, and as others see it: changed in one step with the inbox, under its lock.
        self._now = Counts()
        self._passed_bytes = 0
        self.repeated = 0
        self.missing = 0
        self.refilled = 0

    @property
    def holding(self) -> bool:
        """Whether a refill is under way: nothing may pass it."""
        return self._refill is not None

    @property
    def ready(self) -> bool:
        """Whether something stands in line that may be handed over."""
        return self._refill is None and bool(self._line)

    # -- what the inbox asks; consumer's thread ------------------------------------------------

    def admit(self, batch: list[Any], marks: bool, size: int) -> list[Any]:  # noqa: FBT001 - called from C
        """What may be handed over now of what was just taken; nothing stands in line.

        Args:
            batch: What was just taken.
            marks: Whether there are marks in it.
            size: The bytes of its messages.
        """
        self._passed_bytes = size
        repeated, missing = self._tracker.repeated, self._now.missing
        try:
            vetted = self._check(batch, size) if marks else self._check_messages(batch, size)
        except BaseException:
            # The inbox hands the batch over as it is.
            self._now.missing = missing
            raise
        self._now.repeated += self._tracker.repeated - repeated
        if vetted is batch or self._sequence.refill is None:
            return vetted
        self._stand_in_line(vetted)
        return self.release()

    def release(self) -> list[Any]:
        """What stands in line up to the next gap that can be filled; its refill begins."""
        passed: list[Any] = []
        self._passed_bytes = 0
        while self._line:
            head = self._line[0]
            if isinstance(head, Gap) and not self._stopped:
                self._begin_refill(head)
                break
            _ = self._line.popleft()
            if isinstance(head, Gap):
                given_up = self._tracker.refilled(head, [])
                self._count_missing(given_up)
                passed += given_up
                continue
            if passed:
                passed += head.items
            else:
                passed = head.items
            self._passed_bytes += head.bytes
            self._now.held -= head.messages
            self._now.held_bytes -= head.bytes
        return passed

    def settle(self) -> int:
        """Let others see what has been counted. The inbox's lock is held.

        Returns:
            The bytes of what was handed over last.
        """
        now = self._now
        self.repeated = now.repeated
        self.missing = now.missing
        self.refilled = now.refilled
        self._inbox.held_messages = now.held
        self._inbox.held_bytes = now.held_bytes
        return self._passed_bytes

    # -- checking -----------------------------------------------------------------------------

    def _check(self, batch: list[Any], size: int) -> list[Any]:
        """The batch with gaps in their places and without repeats; the very list if all is well."""
        marks = [at for at, item in enumerate(batch) if not isinstance(item, str | bytes)]
        checked: list[Any] = []
        start = 0
        for at in marks:
            checked += self._check_messages(batch[start:at], size)
            checked.append(batch[at])
            if isinstance(batch[at], Recovered):
                self._tracker.new_link()
            elif is_loss(batch[at]):
                self._tracker.dropped(batch[at].count)
            start = at + 1
        return checked + self._check_messages(batch[start:], size)

    def _check_messages(self, messages: list[Any], size: int) -> list[Any]:
        checked = self._tracker.check_batch(messages, size)
        if self._tracker.unreadable > self._unreadable:
            if not self._unreadable:
                self._on_trouble(
                    "sequence",
                    "Sequence.number or .stream failed on a message, which passed unchecked: "
                    f"{type(self._tracker.last_error).__name__}",
                )
            self._unreadable = self._tracker.unreadable
        if self._tracker.long_rows > self._long_rows:
            self._long_rows = self._tracker.long_rows
            self._on_trouble(
                "repeats",
                f"{self._tracker.long_row}: they are not handed over again. If the feed does not "
                "replay but numbers anew, say so with Sequence.restarts",
            )
        if checked is None:
            return messages
        self._count_missing(item for item in checked if not self._can_be_filled(item))
        return checked

    def _can_be_filled(self, item: Any) -> bool:
        """Whether it is a gap to be refilled.

        Not where the inbox has dropped some of it: those are told, and nobody knows which they are.
        """
        if not isinstance(item, Gap) or item.first is None or item.last is None:
            return False
        whole = item.count == item.last - item.first + 1
        return whole and item.kind == "sequence" and self._sequence.refill is not None

    def _count_missing(self, items: Iterable[Any]) -> None:
        self._now.missing += sum(item.count or 0 for item in items if isinstance(item, Gap))

    # -- refilling ----------------------------------------------------------------------------

    def _stand_in_line(self, items: list[Any]) -> None:
        start = 0
        for at, item in enumerate(items):
            if self._can_be_filled(item):
                self._line_up(items[start:at])
                self._line.append(item)
                start = at + 1
        self._line_up(items[start:])

    def _line_up(self, items: list[Any], *, in_front: bool = False) -> None:
        if items:
            stretch = Stretch(items)
            self._now.held += stretch.messages
            self._now.held_bytes += stretch.bytes
            if in_front:
                self._line.appendleft(stretch)
            else:
                self._line.append(stretch)

    def _begin_refill(self, gap: Gap) -> None:
        self._refill = asyncio.get_running_loop().create_task(
            self._fill(gap), name="longwire refill"
        )
        self._refill.add_done_callback(self._filled)

    async def _fill(self, gap: Gap) -> list[Any]:
        if self._sequence.refill is None:
            return []
        async with asyncio.timeout(self._sequence.refill_timeout):
            brought = self._sequence.refill(gap)
            if inspect.isawaitable(brought):
                brought = await brought
        return self._tracker.refilled(gap, list(brought))

    def _filled(self, refill: asyncio.Task[list[Any]]) -> None:
        """A refill is over, or was cancelled, perhaps before its first step."""
        self._refill = None
        gap: Any = self._line.popleft()
        # Whatever it raised, also what is no Exception: later messages must not wait for ever.
        error = None if refill.cancelled() else refill.exception()
        if refill.cancelled() or error is not None:
            filled = self._tracker.refilled(gap, [])
        else:
            filled = refill.result()
        self._now.refilled += len(filled) - count_marks(filled)
        self._count_missing(filled)
        self._line_up(filled, in_front=True)
        with self._inbox.lock:
            self.settle()
        self._inbox.wake()
        if error is not None:
            # Only the type: the text may quote a message, or an address with a token.
            self._on_trouble("refill", f"Sequence.refill failed for {gap}: {type(error).__name__}")

    def refuse(self) -> None:
        """Begin no refill any more. From any thread."""
        self._stopped = True

    async def stop(self) -> None:
        """Refill no more. The gap of a refill that is under way is told, and what waits follows."""
        self.refuse()
        refill = self._refill
        if refill is not None:
            refill.cancel()
            await asyncio.wait([refill])
