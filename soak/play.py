"""Plays steps against a client, whose links are in virtual time wherever its user's code runs."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from unittest import mock

import longwire
import longwire.sync
from longwire.client import iothread
from longwire.client.isolation import IoThread, io_thread
from longwire.testing import AutojumpLoop
from soak.blockingbooks import BlockingBooks
from soak.books import Books, Broken
from soak.far import CAP, OPEN_TIMEOUT, Far
from soak.kinds import KINDS, Kind
from soak.scene import Scene
from soak.streambooks import StreamBooks
from soak.user import Blocking, Inline, Isolated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soak.schedule import Step
    from soak.user import User

Mode = Literal["inline", "isolated", "blocking"]
"""Where the user's code runs: on the loop of the links, on another one, in a thread without one."""

BOUND: Final = 65_536
"""Messages that may be queued."""

GRACE: Final = 0.001
"""Real seconds that the links' time waits for the user's thread before it jumps."""


def play(
    kind: str,
    steps: Iterable[Step],
    *,
    mode: Mode,
    seed: int,
    seconds: float | None = None,
) -> Far:
    """Play the steps, or as many as fit into so many virtual seconds.

    Returns:
        The far side, with the record of what was done.

    Raises:
        Broken: a promise was not kept.
    """
    random.seed(seed)
    len(longwire.causes.CATALOGUE)  # what is loaded once is no growth
    game = _Game(KINDS[kind], steps, seconds)
    try:
        with contextlib.ExitStack() as stack:
            if mode == "inline":
                runner = asyncio.Runner(loop_factory=_virtual_loop)
                return stack.enter_context(runner).run(game.inline())
            lease = stack.enter_context(_virtual_io_thread())
            if mode == "blocking":
                return game.blocking(lease)
            return stack.enter_context(asyncio.Runner()).run(game.isolated(lease))
    except BaseExceptionGroup as group:
        # What was broken has stopped the others; it is what is to be told.
        broken = _first_broken(group)
        if broken is None:
            raise
        raise broken from None


class _Game:
    """One client, from its first link to its end."""

    def __init__(self, kind: Kind, steps: Iterable[Step], seconds: float | None) -> None:
        self._kind = kind
        self._steps = steps
        self._seconds = seconds

    async def inline(self) -> Far:
        """Everything on this loop."""
        loop = cast("AutojumpLoop", asyncio.get_running_loop())
        async with Scene(self._kind) as scene:
            async with self._client(scene, isolate=False) as client:
                books = self._books(client)
                far = Far(scene, books, Inline(books.gate, loop))
                async with asyncio.TaskGroup() as group:
                    keeping = group.create_task(books.keep())
                    await far.run(self._steps, self._seconds)
                    await client.close()
                    await keeping
            self._check(far, books)
        return far

    async def isolated(self, lease: IoThread) -> Far:
        """The feed beside the links, on the I/O thread; the user here."""
        scene = Scene(self._kind)
        await asyncio.wrap_future(lease.submit(scene.__aenter__()))
        try:
            async with self._client(scene, isolate=True) as client:
                books = self._books(client)
                user = Isolated(books.gate, asyncio.get_running_loop())
                far = await asyncio.wrap_future(lease.submit(_made(scene, books, user)))
                async with asyncio.TaskGroup() as group:
                    keeping = group.create_task(books.keep())
                    await asyncio.wrap_future(lease.submit(far.run(self._steps, self._seconds)))
                    await client.close()
                    await keeping
            self._check(far, books)
        finally:
            await asyncio.wrap_future(lease.submit(scene.__aexit__(None, None, None)))
        return far

    def blocking(self, lease: IoThread) -> Far:
        """The feed beside the links, on the I/O thread; the user in a thread without a loop."""
        scene = Scene(self._kind)
        lease.submit(scene.__aenter__()).result()
        try:
            with (
                ThreadPoolExecutor(1, "soak-user") as threads,
                longwire.sync.connect(scene.feed.url, **self._options(scene)) as client,
            ):
                books = BlockingBooks(client, self._kind, bound=BOUND)
                far = lease.submit(_made(scene, books, Blocking(books.free))).result()
                keeping = threads.submit(books.keep_on)
                running = lease.submit(far.run(self._steps, self._seconds))
                try:
                    # The user's code ends first only if it fails.
                    wait([keeping, running], return_when=FIRST_COMPLETED)
                    (keeping if keeping.done() else running).result()
                finally:
                    running.cancel()
                    client.close()
                keeping.result()
            self._check(far, books)
        finally:
            lease.submit(scene.__aexit__(None, None, None)).result()
        return far

    def _client(self, scene: Scene, *, isolate: bool) -> longwire.Client:
        return longwire.connect(scene.feed.url, isolate=isolate, **self._options(scene))

    def _options(self, scene: Scene) -> dict[str, Any]:
        return {
            "retry": longwire.Retry(cap=CAP),
            "open_timeout": OPEN_TIMEOUT,
            "outbox": longwire.Outbox(when_down="keep"),
            **scene.options(),
            **self._kind.options(scene.feed),
        }

    def _books(self, client: longwire.Client) -> Books:
        kind = StreamBooks if self._kind.streams else Books
        return kind(client, self._kind, bound=BOUND)

    def _check(self, far: Far, books: Books) -> None:
        books.check_end()
        far.check_links()
        far.check_cuts()
        far.check_sent()
        far.check_causes(books.interruptions)
        if self._seconds is not None:
            far.check_memory()


def _first_broken(group: BaseExceptionGroup[BaseException]) -> Broken | None:
    for one in group.exceptions:
        found = _first_broken(one) if isinstance(one, BaseExceptionGroup) else one
        if isinstance(found, Broken):
            return found
    return None


async def _made(scene: Scene, books: Books, user: User) -> Far:
    return Far(scene, books, user)


def _virtual_loop(*, grace: float = 0.0) -> AutojumpLoop:
    return AutojumpLoop(start=time.monotonic(), grace=grace)


@contextlib.contextmanager
def _virtual_io_thread() -> Iterator[IoThread]:
    """The I/O thread, in virtual time for as long as this lasts."""
    with (
        mock.patch.object(iothread, "new_io_loop", partial(_virtual_loop, grace=GRACE)),
        io_thread(grace=0.0) as lease,
    ):
        yield lease
