"""The user's side: receives everything, and holds the client to its word at every event."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

import longwire
from longwire.testing import number_of

if TYPE_CHECKING:
    from soak.kinds import Kind

SENT_EVERY: Final = 50
"""Numbers received between two messages that are sent."""


class Broken(AssertionError):
    """A promise was not kept."""


class Told(NamedTuple):
    """What is worth keeping of an interruption: the whole would keep its link alive."""

    noticed: float
    ended: float
    cause: str
    text: str


class Books:
    """What one client has told so far.

    The promises are those of the design: nothing silent, one end, bounded.

    Args:
        client: Entered.
        kind: What it was asked for.
        bound: Messages that may be queued.
    """

    def __init__(self, client: longwire.Client, kind: Kind, *, bound: int) -> None:
        self.client = client
        self.numbers: list[int] = []
        """Those handed over, in order."""
        self.interruptions: list[Told] = []
        """Those that are over."""
        self.accepted = 0
        """Messages that `send` took."""
        self.last = -1
        """The last number handed over or told as lost."""
        self.gate = asyncio.Event()
        """Unset while the user's code has something else to do."""
        self.gate.set()
        self._kind = kind
        self._bound = bound
        self._open: longwire.Interruption | None = None
        self._told_lost = 0

    @property
    def complete(self) -> bool:
        """Whether nothing may be lost of what a link brought."""
        return self._kind.losses != "counted"

    async def keep(self) -> None:
        """Receive until the client ends; now and then send something, too."""
        async for event in self.client.events():
            before = self.last
            self._note(event)
            await self._after(before)

    async def _after(self, before: int) -> None:
        """Behind each event: check, perhaps send, be busy with something else.

        Args:
            before: What `last` was.
        """
        self._check_sums()
        if self.last // SENT_EVERY > before // SENT_EVERY:
            await self._send()
        await self.gate.wait()

    async def _send(self) -> None:
        try:
            await self.client.send(f"{self.accepted} of the client")
        except longwire.ClientClosed:
            return  # what it had received is handed over all the same
        self.accepted += 1

    def _note(self, event: object) -> None:
        match event:
            case longwire.Message(data=data):
                number = number_of(data)
                if number is not None:
                    self._take(number)
            case longwire.Gap():
                self._take_gap(event)
            case longwire.Interrupted(interruption=interruption):
                if self._open is not None:
                    raise Broken(f"two interruptions at a time: {interruption}, {self._open}")
                self._open = interruption
            case longwire.Recovered(interruption=interruption):
                self._close(interruption)
            case _:
                raise Broken(f"an event that nobody announced: {event!r}")

    def _take(self, number: int) -> None:
        if number <= self.last:
            raise Broken(f"{number} was handed over behind {self.last}")
        gapless = self._kind.losses in {"none", "told"}
        if self.numbers and number != self.last + 1 and gapless:
            raise Broken(f"{number} came behind {self.last}, and not a word of what is missing")
        self.numbers.append(number)
        self.last = number

    def _take_gap(self, gap: longwire.Gap) -> None:
        if self._kind.losses == "counted":
            self._told_lost += gap.count or 0
            return
        if self._kind.losses == "none":
            raise Broken(f"a gap was not refilled: {gap}")
        if gap.first is None or gap.last is None or gap.first != self.last + 1:
            raise Broken(f"a gap that does not follow {self.last}: {gap}")
        self.last = gap.last

    def _close(self, interruption: longwire.Interruption) -> None:
        begun, self._open = self._open, None
        if begun is None or begun.started != interruption.started:
            raise Broken(f"the end of an interruption that never began: {interruption}")
        if interruption.outcome != "recovered" or interruption.ended is None:
            raise Broken(f"recovered, but the outcome is {interruption.outcome}")
        self.interruptions.append(
            Told(interruption.noticed, interruption.ended, interruption.cause.id, str(interruption))
        )

    def _check_sums(self) -> None:
        """At every instant, so at this one, too."""
        now = self.client.stats()
        if now.delivered + now.dropped + now.repeated + now.queued != now.received:
            raise Broken(f"the sum is wrong: {now}")
        if now.queued > self._bound:
            raise Broken(f"{now.queued} messages are queued, {self._bound} may be")
        if self._kind.losses != "counted" and now.dropped:
            raise Broken(f"{now.dropped} messages were dropped, and nobody asked for it")

    def check_end(self) -> None:
        """After the client's end: every interruption has its one outcome, and was told."""
        outcomes = [one.outcome for one in self.client.interruptions]
        if any(one not in {"recovered", "closed"} for one in outcomes):
            raise Broken(f"an interruption has no outcome, or another one: {outcomes}")
        if "closed" in outcomes[:-1]:
            raise Broken(f"only the last one can be ended by the user: {outcomes}")
        told = len(self.interruptions) + (self._open is not None)
        if told != self.client.stats().interruptions:
            raise Broken(f"{told} interruptions were told, not {self.client.stats().interruptions}")
        counted = self.client.stats().dropped
        if self._kind.losses == "counted" and self._told_lost != counted:
            raise Broken(f"{counted} messages were dropped, {self._told_lost} told as lost")
