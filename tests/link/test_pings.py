"""Pings and the pongs that answer them."""

from __future__ import annotations

import asyncio

import pytest

from longwire.link.pings import MAX_UNANSWERED, Pings


async def test_a_pong_answers_its_ping() -> None:
    """The time between them is the round trip; a second pong answers nothing."""
    pings = Pings()
    assert pings.rtt is None
    assert pings.unanswered_since is None
    future = asyncio.get_running_loop().create_future()
    payload = pings.begin(5.0, future)
    assert len(payload) <= 125
    assert pings.unanswered_since == 5.0
    assert pings.answer(payload)
    assert await future == pings.rtt
    assert pings.rtt is not None
    assert pings.rtt >= 0
    assert pings.unanswered_since is None
    assert not pings.answer(payload)


async def test_a_pong_answers_all_earlier_pings() -> None:
    """RFC 6455, 5.5.3: only the most recent ping needs an answer."""
    pings = Pings()
    futures: list[asyncio.Future[float]] = []
    payloads: list[bytes] = []
    for number in range(3):
        futures.append(asyncio.get_running_loop().create_future())
        payloads.append(pings.begin(float(number), futures[-1]))
    assert len(set(payloads)) == 3
    assert pings.answer(payloads[1])
    assert [future.done() for future in futures] == [True, True, False]
    assert futures[0].result() >= futures[1].result()
    assert pings.unanswered_since == 2.0
    assert not pings.answer(payloads[0])
    assert pings.answer(payloads[2])


async def test_pongs_nobody_asked_for_are_allowed() -> None:
    """RFC 6455, 5.5.3: a pong may be sent unsolicited; it answers nothing."""
    pings = Pings()
    assert not pings.answer(b"")
    future = asyncio.get_running_loop().create_future()
    payload = pings.begin(1.0, future)
    assert not pings.answer(payload + b"x")
    assert not pings.answer(b"")
    assert not future.done()
    assert pings.rtt is None
    future.cancel()


async def test_a_cancelled_ping_is_forgotten() -> None:
    """Its pong still counts as a round trip."""
    pings = Pings()
    future = asyncio.get_running_loop().create_future()
    payload = pings.begin(1.0, future)
    future.cancel()
    assert pings.answer(payload)
    assert pings.rtt is not None


async def test_pings_that_are_never_answered_do_not_pile_up() -> None:
    """The oldest is given up, and told so."""
    pings = Pings()
    first = asyncio.get_running_loop().create_future()
    pings.begin(0.0, first)
    for number in range(1, MAX_UNANSWERED + 1):
        pings.begin(float(number), None)
    assert pings.unanswered_since == 1.0
    with pytest.raises(TimeoutError):
        await first


async def test_the_end_is_told_to_all_who_wait() -> None:
    """Each gets the error; who does not look is not warned about."""
    pings = Pings()
    futures = [asyncio.get_running_loop().create_future() for _ in range(3)]
    for future in futures:
        pings.begin(1.0, future)
    pings.begin(1.0, None)
    futures[1].cancel()
    error = ConnectionError("over")
    pings.fail(error)
    assert futures[0].exception() is error
    assert futures[1].cancelled()
    assert pings.unanswered_since is None
