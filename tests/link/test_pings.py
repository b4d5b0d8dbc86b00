"""Pings and the pongs that answer them."""

from __future__ import annotations

import asyncio
import os

import pytest

from longwire.link.pings import MAX_PAYLOAD, MAX_UNANSWERED, Pings, checked


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


# ---------------------------------------------------------------- payloads of the user's


async def test_a_payload_of_its_own_is_answered_like_any_other() -> None:
    """Its pong answers it and what went out before, and leaves what came later."""
    pings = Pings()
    futures = [asyncio.get_running_loop().create_future() for _ in range(3)]
    ours = pings.begin(0.0, futures[0])
    assert pings.begin(1.0, futures[1], b"mine") == b"mine"
    pings.begin(2.0, futures[2], b"")
    assert pings.answer(b"mine")
    assert [future.done() for future in futures] == [True, True, False]
    assert not pings.answer(ours)
    assert pings.answer(b"")
    assert futures[2].done()


async def test_a_payload_is_told_apart_or_refused() -> None:
    """Two pings under way with one payload: nobody could say whose the pong is."""
    pings = Pings()
    pings.begin(0.0, None, b"twin")
    with pytest.raises(ValueError, match="waits for its pong already"):
        pings.begin(1.0, None, b"twin")
    assert pings.answer(b"twin")
    pings.begin(2.0, None, b"twin")
    assert pings.unanswered_since == 2.0


async def test_our_own_payload_avoids_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """By chance a random payload may be one that is under way: another one is taken."""
    drawn = iter([b"same", b"else"])
    pings = Pings()
    pings.begin(0.0, None, b"same")
    monkeypatch.setattr(os, "urandom", lambda _: next(drawn))
    assert pings.begin(1.0, None) == b"else"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, None),
        ("", b""),
        ("grüße", "grüße".encode()),
        (bytearray(b"x"), b"x"),
        (memoryview(b"y"), b"y"),
        (b"z" * MAX_PAYLOAD, b"z" * MAX_PAYLOAD),
    ],
)
def test_what_may_be_a_payload(given: object, sent: bytes | None) -> None:
    """Text goes as UTF-8, bytes as they are, nothing stands for a random one."""
    assert checked(given) == sent


@pytest.mark.parametrize(
    ("given", "error"),
    [(b"x" * 126, ValueError), ("é" * 63, ValueError), (7, TypeError), (["x"], TypeError)],
)
def test_what_may_not(given: object, error: type[Exception]) -> None:
    """More than a control frame holds, and what is neither text nor bytes."""
    with pytest.raises(error):
        checked(given)
