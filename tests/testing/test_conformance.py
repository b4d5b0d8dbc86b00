"""The conformance suite finds what it is meant to find."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import LinkClosed
from longwire.link import memory
from longwire.link.memory import MemoryLink
from longwire.link.options import LinkOptions
from longwire.testing.conformance import (
    CHECKS,
    LIMIT_CHECKS,
    STREAM_CHECKS,
    check_link,
    run_check,
    run_limit_check,
    run_stream_check,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.link.base import Closure, Data, Link, Sendable

OPTIONS = LinkOptions(
    inbox_messages=4_096, inbox_bytes=2**20, write_high=2**18, close_timeout=0.2, heartbeat=None
)


@asynccontextmanager
async def make_pair(
    server_options: LinkOptions = OPTIONS,
) -> AsyncIterator[tuple[Link, Link]]:
    client, server = memory.pair(options=OPTIONS, server_options=server_options)
    try:
        yield client, server
    finally:
        client.abort()
        server.abort()


@asynccontextmanager
async def make_limited_pair(limit: int) -> AsyncIterator[tuple[Link, Link]]:
    async with make_pair(replace(OPTIONS, max_message_bytes=limit)) as links:
        yield links


@asynccontextmanager
async def make_stream_pair() -> AsyncIterator[tuple[Link, Link]]:
    async with make_pair(replace(OPTIONS, stream=True)) as links:
        yield links


@pytest.mark.slow
@pytest.mark.both_loops
async def test_sound_link_passes() -> None:
    """The reference passes, also when the whole suite is run by one call."""
    await check_link(make_pair, make_limited_pair, make_stream_pair)


# ---------------------------------------------------------------- links that break one promise


class LosesOnCancel(MemoryLink):
    """Takes a message before it is sure that somebody wants it."""

    async def recv(self, timeout: float | None = None) -> Data:
        message = await super().recv(timeout)
        await asyncio.sleep(0)
        return message


class ForgetsType(MemoryLink):
    """Hands binary messages over as bytearrays."""

    async def recv(self, timeout: float | None = None) -> Any:
        message = await super().recv(timeout)
        return bytearray(message) if isinstance(message, bytes) else message


class Unbounded(MemoryLink):
    """Accepts everything."""

    async def wait_for_room(self) -> None:
        await asyncio.sleep(0)


class SilentAfterClose(MemoryLink):
    """Drops what is sent after the end, without an error."""

    async def send(self, data: Sendable) -> None:
        if self.closure is None:
            await super().send(data)


class EndsLoudly(MemoryLink):
    """Iteration raises, whatever the end was."""

    def __aiter__(self) -> AsyncIterator[Data]:
        self._inbox._quiet = False
        return super().__aiter__()


class ForgetsReceived(MemoryLink):
    """Tells the end before what was received."""

    async def recv(self, timeout: float | None = None) -> Data:
        if self.closure is not None:
            raise self.closed_error()
        return await super().recv(timeout)


class ManyClosures(MemoryLink):
    """Makes a new record for everyone who asks."""

    async def wait_closed(self) -> Closure:
        closure = await super().wait_closed()
        return replace_closure(closure)


def replace_closure(closure: Closure) -> Closure:
    return type(closure)(**{name: getattr(closure, name) for name in closure.__struct_fields__})


class AcceptsAnyReason(MemoryLink):
    """Cuts a reason that is too long, instead of refusing it."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await super().close(code, reason[:60])


class CloseForever(MemoryLink):
    """Waits for the peer's answer to a close without a time limit."""

    def _begin_close(self, *args: Any) -> None:
        super()._begin_close(*args)
        if self._deadline is not None:
            self._deadline.cancel()


class SendsInBetween(MemoryLink):
    """Does not wait for the end of a message in fragments."""

    async def send(self, data: Sendable) -> None:
        self.put(self.checked(data))


class Undoes(MemoryLink):
    """Goes on after half a message."""

    def fail_half_sent(self, *args: Any) -> None:
        pass


class ForgetsTheCut(MemoryLink):
    """Takes what came of a message for the message."""

    def _end(self, *args: Any) -> None:
        self._assembly.inside = False
        super()._end(*args)


class NoLimit(MemoryLink):
    """Takes messages of any size."""

    def check_size(self, *args: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (LosesOnCancel, "cancelled_recv_loses_nothing"),
        (ForgetsType, "messages_arrive_as_they_were"),
        (Unbounded, "sender_waits_for_reader"),
        (SilentAfterClose, "nothing_works_after_close"),
        (EndsLoudly, "iteration_ends_quietly"),
        (ForgetsReceived, "close_leaves_what_was_received"),
        (ManyClosures, "closure_is_one"),
        (AcceptsAnyReason, "bad_closes_are_refused"),
        (CloseForever, "close_is_bounded"),
        (SendsInBetween, "others_wait_for_the_end"),
        (Undoes, "half_a_message_ends_the_link"),
        (ForgetsTheCut, "a_cut_message_raises"),
        (NoLimit, "too_big_is_refused_by_the_receiver"),
    ],
)
async def test_broken_link_is_found(
    broken: type[MemoryLink], check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that breaks a promise fails the check of it, which says so and leaves no task."""
    monkeypatch.setattr("longwire.testing.conformance.DEADLINE", 1.0)
    monkeypatch.setattr(memory, "MemoryLink", broken)
    with pytest.raises((AssertionError, LinkClosed, TimeoutError)) as caught:
        await run_by_name(check)
    assert any(check in note for note in caught.value.__notes__)


async def run_by_name(name: str) -> None:
    for check in CHECKS:
        if check.__name__ == name:
            await run_check(check, make_pair)
    for stream_check in STREAM_CHECKS:
        if stream_check.__name__ == name:
            await run_stream_check(stream_check, make_stream_pair)
    for limit_check in LIMIT_CHECKS:
        if limit_check.__name__ == name:
            await run_limit_check(limit_check, make_limited_pair)
