"""The far side: the feed, and the faults, on the loop of the links and in its virtual time."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from longwire.client.chronicle import KEPT
from soak.books import Broken
from soak.faults import FAULTS
from soak.fragments import FragmentingFeed
from soak.kinds import EVERY, SILENCE, WITHIN
from soak.streambooks import LEFT_EVERY, StreamBooks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.testing import RawLink
    from soak.books import Books, Told
    from soak.faults import Fault
    from soak.scene import Scene
    from soak.schedule import Step
    from soak.user import User

OPEN_TIMEOUT, CAP = 10.0, 30.0
RECOVERY: Final = EVERY + WITHIN + SILENCE + 4 * (CAP + OPEN_TIMEOUT)
"""Seconds within which messages must arrive again: to find out, and for some bad openings."""
CENSUS_EVERY: Final = 60.0
"""Seconds between two counts of everything alive: each takes as long as many faults."""
HISTORY: Final = dict.fromkeys(
    (
        "longwire.core.causes.interruption.Interruption",
        "longwire.core.causes.evidence.Evidence",
        "longwire.link.base.Closure",
    ),
    2 * KEPT,
)
"""What a client keeps of the past, by type: so many may be there, however few there were before."""


@dataclass(frozen=True)
class Blamed:
    """A fault that was done."""

    since: float
    fault: Fault


class Far:
    """Does the steps, one after the other.

    Args:
        scene: Running on this loop.
        books: What arrives.
        user: Whose code may be slow, or block.
    """

    def __init__(self, scene: Scene, books: Books, user: User) -> None:
        self.feed = scene.feed
        self.proxy = scene.proxy
        self.user = user
        self.gentle: set[int] = set()
        """Links that were ended behind what had been sent: none of it may be lost. Not where there
        were two, a canary beside the link: nobody has promised to hand over what it hears."""
        self.rough: set[int] = set()
        """Links that lived when something between them and the client went wrong."""
        self.taken: list[Step] = []
        """The steps done, the last one perhaps in part."""
        self.census: list[Counter[str]] = []
        """What longwire kept alive, each time messages arrived in peace."""
        self._books = books
        self._blamed: list[Blamed] = []
        self._next_census = 0.0
        self._loop = asyncio.get_running_loop()

    def ready(self) -> list[RawLink]:
        """The links that numbers are sent on."""
        return [link for link in self.feed.links if link.ready]

    def went_wrong_between(self) -> None:
        """What is on its way to the client may be lost."""
        self.rough.update(link.index for link in self.feed.links if not link.ended)

    async def run(self, steps: Iterable[Step], seconds: float | None) -> None:
        """Do the steps, or as many as fit into the time; then see the client come back.

        Raises:
            Broken: messages stopped for good.
        """
        end = self._loop.time() + (seconds or 1e9)
        await self._settle()
        for step in steps:
            if self._loop.time() >= end:
                break
            self.taken.append(step)
            await asyncio.sleep(step.pause)
            if step.settled:
                await self._settle()
            fault = FAULTS[step.fault]
            self._blamed.append(Blamed(self._loop.time(), fault))
            await fault.deed(self, step.amount)
        await self._settle()

    async def _settle(self) -> None:
        """Until a number that is not yet sent has arrived."""
        target = self.feed.next_number
        deadline = self._loop.time() + RECOVERY
        while self._books.last < target:
            if self._loop.time() > deadline:
                raise Broken(f"nothing has arrived for {RECOVERY:g} s: {self._state()}")
            await self.feed.reached(self.feed.next_number, timeout=None)
        self._take_census()

    def _state(self) -> str:
        client = self._books.client
        return f"{client.stats()}, alerts: {[one.text for one in client.alerts]}"

    def _take_census(self) -> None:
        if self._loop.time() < self._next_census:
            return
        self._next_census = self._loop.time() + CENSUS_EVERY
        gc.collect()
        kinds = Counter(type(one) for one in gc.get_objects() if _is_ours(type(one)))
        self.census.append(
            Counter({f"{kind.__module__}.{kind.__qualname__}": n for kind, n in kinds.items()})
        )

    # --- checking, when all is over -----------------------------------------------------------

    def check_links(self) -> None:
        """Of each link what arrived is its beginning; of one that ended gently, all of it.

        Numbers that went on a later link, too, may have come on that one. There need not be a
        canary: asyncio's TLS swallows what is written to a peer that has gone while nobody reads.
        """
        got = set(self._books.numbers)
        later = self.feed.next_number
        for link in reversed(self.feed.links if self._books.complete else []):
            alone = [number for number in link.sent if number < later]
            later = min([later, *link.sent[:1]])
            arrived = [number for number in alone if number in got]
            if arrived != alone[: len(arrived)]:
                raise Broken(f"link {link.index} has a hole: {_holes(alone, got)}")
            if link.index in self.gentle - self.rough and not got.issuperset(link.sent):
                raise Broken(f"link {link.index} lost its tail: {set(link.sent) - got}")

    def check_cuts(self) -> None:
        """A message of which only the beginning was sent is told as cut off, or not at all.

        It must be told where its link ended gently; all its whole fragments are then handed over.
        """
        if not isinstance(self.feed, FragmentingFeed) or not isinstance(self._books, StreamBooks):
            return
        for index, (number, size) in self.feed.begun.items():
            if number in self._books.numbers and number % LEFT_EVERY:
                raise Broken(f"{number} was handed over as whole, and was only begun")
            come = self._books.cut.get(number)
            if index in self.gentle - self.rough and number % LEFT_EVERY and come != size:
                raise Broken(f"of {number} {size} bytes came; told as cut off: {come}")

    def check_sent(self) -> None:
        """What the client sent came in order, and nothing twice."""
        came = [
            int(message.split()[0])
            for link in self.feed.links
            for message in link.messages
            if isinstance(message, str) and message.endswith("of the client")
        ]
        if came != sorted(set(came)):
            raise Broken(f"the client's messages came twice or out of order: {came}")

    def check_causes(self, interruptions: Iterable[Told]) -> None:
        """No interruption without a fault before it, and no cause that no fault can have had."""
        for one in interruptions:
            window = [
                blamed
                for blamed in self._blamed
                if one.noticed - RECOVERY <= blamed.since <= one.ended
            ]
            if all(blamed.fault.survived for blamed in window):
                raise Broken(f"nothing had gone wrong: {one.text}")
            allowed = {cause for blamed in window for cause in blamed.fault.causes}
            if one.cause not in allowed:
                raise Broken(f"{one.cause} was named, of {sorted(allowed)}: {one.text}")

    def check_memory(self) -> None:
        """What is kept alive does not grow from the middle of the time to its end."""
        half = len(self.census) // 2
        first, second = (_most(part) for part in (self.census[:half], self.census[half:]))
        grown = {
            name: (first[name], count)
            for name, count in second.items()
            if count > max(first[name] * 1.2 + 20, HISTORY.get(name, 0))
        }
        if grown:
            raise Broken(f"kept alive in the first half, in the second: {grown}")


def _is_ours(kind: type) -> bool:
    home = str(kind.__module__)
    return home.startswith("longwire.") and not home.startswith("longwire.testing")


def _most(census: Iterable[Counter[str]]) -> Counter[str]:
    most: Counter[str] = Counter()
    for one in census:
        most |= one
    return most


def _holes(sent: list[int], got: set[int]) -> list[int]:
    last = max(number for number in sent if number in got)
    return [number for number in sent if number < last and number not in got]
