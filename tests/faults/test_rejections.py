"""Openings that fail: HTTP answers other than 101, and answers that are none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import NumberedFeed, check_cause, misbehave, openings

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.errors import Blame
    from longwire.testing.ledger import Ledger
    from longwire.testing.rawlink import Opening

    Receive = Callable[..., Ledger]

DEADLINE = 10.0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 426])
async def test_at_first_a_refusal_is_an_error(options: dict[str, Any], status: int) -> None:
    """Who never was live learns what the server said, at once, and with everything it said."""
    opening = openings.reject(status, {"X-Why": "because"}, b"go away")
    async with NumberedFeed(opening=opening) as feed:
        async with longwire.connect(feed.url, **options) as client:
            with pytest.raises(longwire.HandshakeRejected) as caught:
                await client.recv(DEADLINE)
            with pytest.raises(longwire.HandshakeRejected):
                await client.wait_live(DEADLINE)
        assert len(feed.links) == 1
    assert caught.value.status == status
    assert caught.value.headers["x-why"] == "because"
    assert caught.value.body == b"go away"
    assert not caught.value.retryable


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_once_live_a_refusal_is_retried_slowly(receive: Receive, status: int) -> None:
    """What worked before will most likely work again."""
    retry = longwire.Retry(first=0.01, cap=0.2, jitter=0.0)
    async with NumberedFeed() as feed, receive(feed.url, retry=retry) as ledger:
        await feed.link(1)
        feed.emit(2)
        await ledger.reached(1)
        feed.openings_once.extend([openings.reject(status)] * 2)
        feed.after(2, misbehave.reset)
        feed.emit(1)
        await feed.link(2)
        feed.emit(2)
        await ledger.reached(4)
        ledger.check(feed)
        times = [link.accepted_at for link in feed.links]
        assert times[2] - times[1] >= 0.2 * 0.9
        assert times[3] - times[2] >= 0.2 * 0.9
        (interruption,) = ledger.client.interruptions
        assert interruption.outcome == "recovered"
        assert interruption.attempts == 3
        assert interruption.obstacle is not None
        # Only 401 says by itself that it is the credentials.
        if status == 401:
            for found in (interruption, interruption.obstacle):
                check_cause(found, "auth-expired", blame="local", because="HTTP 401")
        else:
            check_cause(interruption, "unknown", blame="unknown", because="TCP was reset")
            because = f"rejected the opening handshake with HTTP {status}"
            check_cause(interruption.obstacle, "unknown", blame="unknown", because=because)
        assert interruption.obstacle.evidence.http_status == status
        assert [alert.kind for alert in ledger.client.alerts] == ["still-down"]
        assert str(status) in ledger.client.alerts[0].text
        assert [one.outcome for one in ledger.told] == ["pending", "pending", "recovered"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_busy_server_is_asked_again(receive: Receive, status: int) -> None:
    """Even before the first link: it is the moment that was wrong, not the request."""
    async with NumberedFeed() as feed:
        feed.openings_once.extend([openings.reject(status)] * 2)
        async with receive(feed.url) as ledger:
            await feed.link(1)
            feed.emit(3)
            await ledger.reached(2)
            ledger.check(feed)
            ledger.check_sum(0, 2)
            assert len(feed.links) == 3
            (interruption,) = ledger.client.interruptions
            check_rejected(interruption, status)
            assert interruption.obstacle is not None
            check_rejected(interruption.obstacle, status)


def check_rejected(found: longwire.Interruption | longwire.Obstacle, status: int) -> None:
    """Of these answers only 429 says by itself what is the matter."""
    assert found.evidence.http_status == status
    if status == 429:
        because = "HTTP 429 (too many requests)"
        check_cause(found, "provider-quota-violation", blame="local", because=because)
    else:
        because = f"rejected the opening handshake with HTTP {status}"
        check_cause(found, "unknown", blame="unknown", because=because)


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_honoured(receive: Receive, status: int) -> None:
    """The next attempt does not come before the server said."""
    async with NumberedFeed() as feed:
        feed.openings_once.append(openings.reject(status, {"Retry-After": "1"}))
        async with receive(feed.url) as ledger:
            await feed.link(1)
            feed.emit(3)
            await ledger.reached(2)
            ledger.check(feed)
            ledger.check_sum(0, 2)
            (interruption,) = ledger.client.interruptions
            check_rejected(interruption, status)
            assert interruption.evidence.retry_after == 1.0
            assert "wait 1.0 s" in " ".join(interruption.reasons)
        first, second = (link.accepted_at for link in feed.links)
        assert second - first >= 1.0 * 0.95


BROKEN_ANSWERS: list[Any] = [
    pytest.param(openings.end_of_file, "eof", "peer", id="eof"),
    pytest.param(openings.end_inside_answer, "eof", "peer", id="eof-inside"),
    pytest.param(openings.reset_instead, "reset", "unknown", id="reset"),
]


@pytest.mark.parametrize(("opening", "kind", "blame"), BROKEN_ANSWERS)
async def test_an_opening_that_breaks_off_is_retried(
    receive: Receive, opening: Opening, kind: str, blame: Blame
) -> None:
    """Before and after the first link."""
    async with NumberedFeed() as feed:
        feed.openings_once.extend([opening] * 2)
        async with receive(feed.url) as ledger:
            await feed.link(1)
            feed.emit(2)
            await ledger.reached(1)
            feed.openings_once.append(opening)
            feed.after(2, misbehave.reset)
            feed.emit(1)
            await feed.link(2)
            feed.emit(2)
            await ledger.reached(4)
            ledger.check(feed)
            ledger.check_sum(0, 4)
            at_first, later = ledger.client.interruptions
        because = SAID[kind]
        check_cause(at_first, "unknown", blame="unknown", because=because)
        check_cause(later, "unknown", blame="unknown", because="TCP was reset")
        assert later.obstacle is not None
        check_cause(later.obstacle, "unknown", blame="unknown", because=because)
    async with NumberedFeed(opening=opening) as feed:
        await expect_failure(feed, receive, kind, blame)


SAID = {
    "eof": "The connection was ended during the opening",
    "reset": "The connection was reset during the opening",
    "timeout": "The opening took longer than open_timeout",
}
"""What the reasons say of openings that fail; more is not proved."""


async def expect_failure(
    feed: NumberedFeed, receive: Receive, kind: str, blame: Blame, **options: Any
) -> None:
    """A client that may try once gives up over it."""
    retry = longwire.Retry(attempts=1)
    async with receive(feed.url, retry=retry, **options) as ledger:
        error = await ledger.ended()
    assert isinstance(error, longwire.GaveUp)
    assert isinstance(error.interruption, longwire.Interruption)
    check_cause(error.interruption, "unknown", blame="unknown", because=SAID[kind])
    assert isinstance(error.__cause__, longwire.ConnectError)
    assert (error.__cause__.kind, error.__cause__.blame) == (kind, blame)


@pytest.mark.parametrize(
    ("opening", "own"),
    [
        pytest.param(openings.never_answer, {"open_timeout": 0.2}, id="never"),
        pytest.param(openings.drip(0.02), {"open_timeout": 0.2}, id="dripped"),
    ],
)
async def test_an_opening_that_takes_too_long(
    receive: Receive, opening: Opening, own: dict[str, Any]
) -> None:
    """One deadline over the whole opening; a byte now and then does not extend it."""
    async with NumberedFeed() as feed:
        feed.openings_once.extend([opening] * 2)
        async with receive(feed.url, **own) as ledger:
            await feed.link(1)
            feed.emit(2)
            await ledger.reached(1)
            ledger.check(feed)
            ledger.check_sum(0, 1)
            assert len(feed.links) == 3
            (interruption,) = ledger.client.interruptions
            check_cause(interruption, "unknown", blame="unknown", because=SAID["timeout"])
            async with asyncio.timeout(DEADLINE):
                await feed.links[0].wait_ended()
    async with NumberedFeed(opening=opening) as feed:
        await expect_failure(feed, receive, "timeout", "unknown", **own)


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param(openings.wrong_accept_key, id="wrong-key"),
        pytest.param(openings.garbage(), id="garbage"),
        pytest.param(openings.garbage(b"HTTP/1.1 101 OK\r\n\r\n"), id="bare-101"),
        pytest.param(
            openings.accept_with({"Sec-WebSocket-Extensions": "x-unknown"}), id="extension"
        ),
        pytest.param(openings.accept_with({"Sec-WebSocket-Protocol": "chat"}), id="subprotocol"),
    ],
)
async def test_an_answer_that_is_no_handshake(receive: Receive, opening: Opening) -> None:
    """At first it is an error; once live it is retried; never is a link made of it."""
    async with NumberedFeed(opening=opening) as feed:
        async with receive(feed.url) as ledger:
            error = await ledger.ended()
        assert isinstance(error, longwire.ConnectError)
        assert error.kind == "handshake"
        assert error.blame == "peer"
        assert len(feed.links) == 1
    async with NumberedFeed() as feed, receive(feed.url) as ledger:
        await feed.link(1)
        feed.emit(1)
        await ledger.reached(0)
        feed.openings_once.append(opening)
        feed.after(1, misbehave.reset)
        feed.emit(1)
        await feed.attempt(3)
        await feed.live()
        feed.emit(2)
        await ledger.reached(3)
        ledger.check_order()
        ledger.check_sum(0, 3)
        for link in (feed.links[0], feed.links[2]):
            ledger.check_link(link)
        (interruption,) = ledger.client.interruptions
        assert interruption.obstacle is not None
        # A link that lived for a moment only is no proof that valid handshakes had come before.
        check_cause(interruption, "unknown", blame="unknown", because="TCP was reset")
        check_cause(
            interruption.obstacle,
            "unknown",
            blame="unknown",
            because="no valid WebSocket handshake",
        )


async def test_frames_right_behind_the_handshake_are_not_lost(receive: Receive) -> None:
    """They may come in the same segment as the blank line."""
    from longwire.testing import frames

    early = b"".join(frames.frame(frames.TEXT, b"%d early" % n) for n in range(3))
    async with (
        NumberedFeed(opening=openings.accept_with({}, early=early)) as feed,
        receive(feed.url) as ledger,
    ):
        await ledger.reached(2)
        assert ledger.numbers == [0, 1, 2]


async def test_giving_up_when_told_to(receive: Receive) -> None:
    """``Retry(attempts=3)``: three failures, then `GaveUp` with the record."""
    retry = longwire.Retry(first=0.01, cap=0.02, attempts=3)
    async with NumberedFeed(opening=openings.reject(503)) as feed:
        async with receive(feed.url, retry=retry) as ledger:
            error = await ledger.ended()
        assert len(feed.links) == 3
    assert isinstance(error, longwire.GaveUp)
    assert isinstance(error.interruption, longwire.Interruption)
    check_rejected(error.interruption, 503)
    assert error.interruption.outcome == "gave-up"


async def test_fresh_headers_at_each_attempt(receive: Receive) -> None:
    """A callable is asked every time, so a token that ran out is replaced."""
    tokens = iter(["old", "old", "new"])
    async with NumberedFeed() as feed:
        feed.openings_once.append(openings.reject(503))
        async with receive(feed.url, headers=lambda: {"Authorization": next(tokens)}) as ledger:
            link = await feed.link(1)
            feed.after(0, misbehave.reset)
            feed.emit(1)
            link = await feed.link(2)
            feed.emit(1)
            await ledger.reached(1)
            assert link.head is not None
            assert link.head.headers["authorization"] == "new"
