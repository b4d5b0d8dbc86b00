"""One connection over real sockets, against a bare socket that does what no library would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from longwire.chaos.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, close_payload, frame
from longwire.core.liveness import Heartbeat
from longwire.errors import LinkClosed, LongwireError, MessageTooBig, ProtocolError
from longwire.link.deflate import Deflate, DeflateParameters
from longwire.link.inbox import Inbox
from longwire.testing import PATIENCE, Changes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from longwire.link.base import Closure, Data
    from longwire.link.link import WireLink

    class Live(Protocol):
        """The fixture: makes a live link and its peer, a bare socket."""

        engine: str
        encrypted: bool

        async def __call__(self, **options: Any) -> tuple[WireLink, Any]: ...

    Until = Callable[[Callable[[], object]], Awaitable[None]]
    """The fixture: lets the loop turn until a condition holds."""


pytestmark = pytest.mark.both_loops

KEY = b"\x11\x22\x33\x44"
SMALL = 4_096
"""Bytes of the kernel's buffers where a peer must be stuck soon."""
MEGABYTE = bytes(2**20)


def said(link: WireLink, opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A frame as this link's peer has to send it: a server's unmasked, a client's masked."""
    return frame(opcode, payload, fin=fin, mask=None if link._client else KEY)


def closing(link: WireLink, code: int, reason: str = "") -> bytes:
    return said(link, CLOSE, close_payload(code, reason))


async def stuck(link: WireLink) -> None:
    """Fill the link's write buffer; its peer reads nothing."""
    while link.writable:
        await link.send(MEGABYTE)


async def timed(work: Awaitable[object]) -> float:
    started = time.monotonic()
    await work
    return time.monotonic() - started


@pytest.fixture(params=[True, False], ids=["client", "server"])
def client(request: pytest.FixtureRequest) -> bool:
    """Each side in turn."""
    side: bool = request.param
    return side


# ---------------------------------------------------------------- the close handshake


async def test_our_close_comes_first(live: Live, client: bool) -> None:
    """We send code and reason, the peer sends the code back, TCP ends."""
    link, peer = await live(client=client)
    ending = asyncio.ensure_future(link.close(4001, "enough"))
    sent = await peer.frame()
    assert (sent.opcode, sent.payload) == (CLOSE, close_payload(4001, "enough"))
    assert sent.masked == client
    await peer.send(closing(link, 4001))
    if client:
        # RFC 6455, 7.1.1: the server is to close TCP first.
        peer.finish()
    assert await peer.rest() == []
    await ending
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("close-sent", "local")
    assert (closure.sent_code, closure.sent_reason) == (4001, "enough")
    assert (closure.received_code, closure.received_reason) == (4001, "")
    assert closure.kernel is None
    assert not closure.normal


async def test_the_peers_close_comes_first(live: Live, client: bool) -> None:
    """The same code goes back, without the reason."""
    link, peer = await live(client=client)
    await peer.send(closing(link, 4002, "enough"))
    answer = await peer.frame()
    assert (answer.opcode, answer.payload) == (CLOSE, close_payload(4002))
    peer.finish()
    assert await peer.rest() == []
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("close-received", "peer")
    assert (closure.received_code, closure.received_reason) == (4002, "enough")
    assert (closure.sent_code, closure.sent_reason) == (4002, "")


async def test_an_empty_close_is_answered_by_an_empty_one(live: Live, client: bool) -> None:
    """Trap 9: nothing for nothing; code 0, or 1005, must not be on the wire."""
    link, peer = await live(client=client)
    await peer.send(said(link, CLOSE))
    answer = await peer.frame()
    assert (answer.opcode, answer.payload) == (CLOSE, b"")
    peer.finish()
    closure = await link.wait_closed()
    assert (closure.received_code, closure.sent_code) == (1005, None)
    with pytest.raises(LinkClosed):
        await link.recv()


async def test_an_empty_close_answers_ours(live: Live) -> None:
    """A peer that answers without a code has answered."""
    link, peer = await live(client=False)
    ending = asyncio.ensure_future(link.close())
    await peer.frame()
    await peer.send(said(link, CLOSE))
    assert await peer.rest() == []
    await ending
    assert (await link.wait_closed()).received_code == 1005


async def test_a_server_closes_tcp_at_once(live: Live) -> None:
    """RFC 6455, 7.1.1: the server ends TCP when both close frames were sent."""
    link, peer = await live(client=False, close_timeout=60)
    await peer.send(closing(link, 1000))
    assert [one.opcode for one in await peer.rest()] == [CLOSE]
    await link.wait_gone()


async def test_a_client_lets_the_server_close_tcp(live: Live) -> None:
    """It gives the server a moment, and no more than the close time limit."""
    link, peer = await live(close_timeout=0.2)
    await peer.send(closing(link, 1000))
    await link.wait_closed()
    assert not link.gone
    assert await timed(link.wait_gone()) < 5


async def test_a_bad_close_frame_is_a_violation(live: Live, client: bool) -> None:
    """Half a code, a code that must not be sent, a reason that is not UTF-8."""
    for payload, code in (
        (b"\x03", 1002),
        (close_payload(1005), 1002),
        (close_payload(999), 1002),
        (close_payload(1000, b"\xff"), 1007),
    ):
        link, peer = await live(client=client)
        await peer.send(said(link, CLOSE, payload))
        assert (await peer.frame()).payload == close_payload(code)
        closure = await link.wait_closed()
        assert (closure.end, closure.by, closure.sent_code) == ("protocol-error", "peer", code)
        assert closure.received_code is None
        assert isinstance(closure.error, ProtocolError)


async def test_a_peer_that_never_answers_a_close(live: Live, client: bool) -> None:
    """It reads, but neither answers nor closes: `close` takes the time limit and no longer."""
    link, _ = await live(client=client, close_timeout=0.2)
    assert 0.1 < await timed(link.close()) < 5
    closure = await link.wait_closed()
    assert (closure.end, closure.sent_code, closure.received_code) == ("close-sent", 1000, None)


async def test_close_with_a_full_write_buffer(live: Live, client: bool) -> None:
    """Trap 2: a stuck peer, and the close frame behind a megabyte: it ends all the same."""
    link, _ = await live(client=client, buffers=SMALL, close_timeout=0.2)
    await stuck(link)
    assert await timed(link.close()) < 5
    assert link.gone
    assert link.closure is not None
    assert link.closure.end == "close-sent"
    assert link.closure.write_buffered > 0


@pytest.mark.parametrize("code", [1000, None])
async def test_the_peer_closes_and_never_reads(live: Live, client: bool, code: int | None) -> None:
    """Trap 2: our answer cannot leave; the end comes within the time limit all the same."""
    link, peer = await live(client=client, buffers=SMALL, close_timeout=0.2)
    await stuck(link)
    await peer.send(said(link, CLOSE) if code is None else closing(link, code))
    closure = await link.wait_closed()
    assert closure.end == "close-received"
    assert await timed(link.wait_gone()) < 5


async def test_a_violation_with_a_full_write_buffer(live: Live, client: bool) -> None:
    """Trap 2, after a protocol error: the end is told at once, and TCP ends in time."""
    link, peer = await live(client=client, buffers=SMALL, close_timeout=0.2)
    await stuck(link)
    await peer.send(said(link, 3))
    assert (await link.wait_closed()).end == "protocol-error"
    assert await timed(link.wait_gone()) < 5


async def test_an_answer_does_not_start_the_time_limit_anew(live: Live) -> None:
    """The limit is one over the whole closing, however it goes on."""
    link, peer = await live(client=False, buffers=SMALL, close_timeout=0.5)
    await stuck(link)
    ending = asyncio.ensure_future(link.close())
    await asyncio.sleep(0)
    assert link._deadline is not None
    due = link._deadline.when()
    await peer.send(closing(link, 1000))
    await link.wait_closed()
    assert link._deadline.when() <= due
    await ending


async def test_an_inbox_that_fills_after_our_close(live: Live, client: bool) -> None:
    """The answer is stuck behind messages that nobody takes: it is not waited for."""
    link, peer = await live(client=client, inbox_messages=3, close_timeout=60)
    link.begin_close(4000)
    assert link.closure is None
    await peer.send(said(link, TEXT, b"x") * 10, closing(link, 4000))
    async with asyncio.timeout(PATIENCE):
        closure = await link.wait_closed()
    assert (closure.end, closure.by, closure.sent_code) == ("close-sent", "local", 4000)
    assert closure.messages_received == 10
    assert [await link.recv() for _ in range(10)] == ["x"] * 10
    peer.close()
    await link.wait_gone()


async def test_tcp_ends_instead_of_an_answer(live: Live, client: bool) -> None:
    """We asked for the end and got it; the missing frame is not held against the peer."""
    link, peer = await live(client=client)
    ending = asyncio.ensure_future(link.close())
    await peer.frame()
    peer.close()
    await ending
    closure = await link.wait_closed()
    assert (closure.end, closure.by, closure.received_code) == ("close-sent", "local", None)
    assert closure.normal


async def test_a_cancelled_close_goes_on(live: Live) -> None:
    """Cancelling stops the waiting only."""
    link, peer = await live(client=False)
    ending = asyncio.ensure_future(link.close(4000))
    await peer.frame()
    ending.cancel()
    await asyncio.wait([ending])
    await peer.send(closing(link, 4000))
    assert await peer.rest() == []
    await link.wait_gone()
    assert (await link.wait_closed()).received_code == 4000


# ---------------------------------------------------------------- other ends


async def test_the_peer_goes_without_a_word(live: Live, client: bool) -> None:
    """FIN: `eof`. RST: `reset`, with the system's error behind it."""
    link, peer = await live(client=client)
    peer.close()
    closure = await link.wait_closed()
    assert (closure.end, closure.by, closure.received_code) == ("eof", "peer", None)
    link, peer = await live(client=client)
    peer.reset()
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("reset", "unknown")
    assert type(closure.error) is LongwireError
    assert isinstance(closure.error.__cause__, ConnectionResetError)
    assert link.request.peer in str(closure.error)
    with pytest.raises(LinkClosed) as caught:
        await link.recv()
    assert caught.value.closure is closure
    assert caught.value.__cause__ is closure.error


async def test_a_damaged_record(live: Live, client: bool) -> None:
    """With TLS no bit can be changed on the way; who did it cannot be told from here."""
    if not live.encrypted:
        pytest.skip("there are no records without TLS")
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the engines' own reports
    link, peer = await live(client=client)
    await peer.send(said(link, TEXT, b"whole"))
    assert await link.recv() == "whole"
    peer.send_damaged(said(link, TEXT, b"damaged"))
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("tls-error", "unknown")
    assert type(closure.error) is LongwireError
    assert isinstance(closure.error.__cause__, ssl.SSLError)
    await link.wait_gone()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives up when it is told to")
async def test_the_kernel_gives_up(live: Live) -> None:
    """It got no acknowledgement for too long: that is the network's end, not a reset by anybody."""
    link, _ = await live(buffers=SMALL)
    sock = link._transport.get_extra_info("socket")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 200)
    await stuck(link)
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("reset", "network")
    assert type(closure.error) is LongwireError
    assert isinstance(closure.error.__cause__, TimeoutError)


async def test_an_end_of_tcp_is_told_although_the_peer_does_not_read(live: Live) -> None:
    """Trap 2: half closed and stuck. No heartbeat, no time limit in writing: still it ends."""
    link, peer = await live(buffers=SMALL, close_timeout=0.2, write_timeout=None)
    await stuck(link)
    peer.finish()
    assert (await link.wait_closed()).end == "eof"
    assert await timed(link.wait_gone()) < 5


async def test_a_frame_cut_off_by_the_end(live: Live) -> None:
    """The record says that something was incomplete."""
    link, peer = await live()
    await peer.send(frame(TEXT, b"whole"), frame(TEXT, b"x" * 10, length=100))
    peer.close()
    closure = await link.wait_closed()
    assert closure.partial_frame
    assert closure.messages_received == 1


async def test_abort_ends_at_once(live: Live, client: bool) -> None:
    """No close frame, no waiting; the record is there when it returns."""
    link, peer = await live(client=client, close_timeout=60)
    link.abort()
    assert link.closure is not None
    assert (link.closure.end, link.closure.by) == ("aborted", "local")
    await link.wait_gone()
    assert await peer.rest() == []


async def test_abort_during_a_close(live: Live) -> None:
    """Who has no patience need not have any."""
    link, _ = await live(close_timeout=60)
    ending = asyncio.ensure_future(link.close(4000))
    await asyncio.sleep(0)
    link.abort()
    await ending
    assert (await link.wait_closed()).end == "aborted"
    assert (await link.wait_closed()).sent_code == 4000


async def test_the_record_is_made_once(live: Live) -> None:
    """The first end decides; whatever follows, the record stays the same object."""
    seen: list[Closure] = []
    link, peer = await live()
    link.on_end = seen.append
    await peer.send(closing(link, 1001))
    closure = await link.wait_closed()
    link.abort()
    await link.close(4000)
    link.condemn("silence")
    await link.wait_gone()
    assert await link.wait_closed() is closure is link.closure
    assert seen == [closure]
    assert (closure.end, closure.received_code, closure.normal) == ("close-received", 1001, True)


async def test_a_ping_with_a_payload(live: Live, client: bool) -> None:
    """It is on the wire as it was given; a pong that answers no ping is passed over."""
    link, peer = await live(client=client)
    pings = [asyncio.ensure_future(link.ping(payload)) for payload in ("ä", b"", b"z" * 125)]
    sent = await peer.frames(3)
    assert [each.payload for each in sent] == ["ä".encode(), b"", b"z" * 125]
    assert {each.opcode for each in sent} == {PING}
    await peer.send(said(link, PONG, b"unsolicited"), said(link, PONG, b""))
    assert await pings[0] >= await pings[1]
    assert not pings[2].done()
    await peer.send(said(link, PONG, b"z" * 125))
    assert await pings[2] == link.rtt


async def test_the_record_counts(live: Live) -> None:
    """Messages and bytes both ways, and when what was seen."""
    link, peer = await live()
    raw = frame(TEXT, b"abc") + frame(BINARY, b"", fin=False) + frame(CONT, b"12")
    await peer.send(raw)
    assert [await link.recv(), await link.recv()] == ["abc", b"12"]
    await link.send("x" * 200)
    ping = asyncio.ensure_future(link.ping())
    pinged = (await peer.frames(2))[1]
    await peer.send(frame(PONG, pinged.payload))
    assert await ping >= 0
    end = frame(CLOSE, close_payload(1000))
    await peer.send(end)
    closure = await link.wait_closed()
    assert closure.messages_received == link.received == 2
    assert closure.messages_sent == 1
    assert closure.bytes_received == len(raw) + 6 + len(end)
    assert closure.bytes_sent == (4 + 4 + 200) + (2 + 4 + 4) + (2 + 4 + 2)
    assert closure.rtt == link.rtt is not None
    assert closure.ping_unanswered_since is None
    assert closure.last_pong is not None
    assert closure.last_data is not None
    assert closure.opened <= closure.last_data <= closure.last_pong <= closure.last_byte
    assert closure.last_byte <= closure.ended
    assert not closure.compressed
    assert closure.paused_since is None


async def test_violations_send_their_code_and_end(live: Live) -> None:
    """What came before them is handed over; `recv` then names the violation."""
    for raw, code, end in (
        (frame(3, b""), 1002, "protocol-error"),
        (frame(TEXT, b"\xff"), 1007, "protocol-error"),
        (frame(BINARY, bytes(1_001)), 1009, "message-too-big"),
    ):
        link, peer = await live(max_message_bytes=1_000)
        await peer.send(frame(TEXT, b"before"), raw, frame(TEXT, b"after"))
        assert (await peer.frame()).payload == close_payload(code)
        assert await link.recv() == "before"
        with pytest.raises(LinkClosed) as caught:
            await link.recv()
        assert caught.value.__cause__ is (await link.wait_closed()).error
        assert (await link.wait_closed()).end == end
        assert (await link.wait_closed()).sent_code == code


async def test_the_code_of_a_violation_reaches_a_peer_that_is_still_sending(
    live: Live, client: bool
) -> None:
    """What it sent meanwhile is read and thrown away: unread bytes would reset the connection."""
    if live.encrypted and live.engine == "asyncio":
        pytest.skip("asyncio's TLS resets a connection that is closed while data comes")
    link, peer = await live(client=client, max_message_bytes=1_000)
    await peer.send(said(link, BINARY, bytes(4 * 2**20)))
    assert [one.payload for one in await peer.rest()] == [close_payload(1009)]
    peer.close()
    await link.wait_gone()


async def test_a_violation_ends_in_time_whatever_the_peer_does(live: Live, client: bool) -> None:
    """It neither reads nor closes."""
    link, peer = await live(client=client, close_timeout=0.2)
    await peer.send(said(link, 3))
    await link.wait_closed()
    assert await timed(link.wait_gone()) < 5


async def test_a_violation_after_our_close_sends_no_second_close(live: Live) -> None:
    """RFC 6455, 5.5.1: nothing follows a close frame."""
    link, peer = await live()
    link.begin_close(4000)
    await peer.frame()
    await peer.send(frame(3))
    closure = await link.wait_closed()
    assert (closure.end, closure.sent_code) == ("protocol-error", 4000)
    peer.finish()
    assert await peer.rest() == []


async def test_an_early_violation(live: Live) -> None:
    """Bytes that came behind the handshake are judged as all others."""
    link, peer = await live(early=frame(TEXT, b"early") + frame(3))
    assert await link.recv() == "early"
    assert (await peer.frame()).payload == close_payload(1002)
    with pytest.raises(LinkClosed):
        await link.recv()


# ---------------------------------------------------------------- after the end


async def test_nothing_works_after_the_end(live: Live) -> None:
    """`send`, `ping` and `recv` raise; `close` and `abort` return."""
    link, peer = await live()
    peer.close()
    closure = await link.wait_closed()
    for work in (link.send("x"), link.ping(), link.recv(), link.recv(timeout=1)):
        with pytest.raises(LinkClosed) as caught:
            await work
        assert caught.value.closure is closure
    await link.close()
    link.abort()
    await link.wait_writable()


async def test_nothing_is_sent_behind_our_close(live: Live) -> None:
    """Once it has gone, `send` and `ping` raise, and a ping of the peer is not answered."""
    link, peer = await live()
    link.begin_close(4000)
    with pytest.raises(LinkClosed):
        await link.send("late")
    with pytest.raises(LinkClosed):
        await link.ping()
    await peer.send(frame(PING, b"?"), frame(TEXT, b"still heard"))
    assert await link.recv() == "still heard"
    await peer.send(closing(link, 4000))
    peer.finish()
    assert [one.opcode for one in await peer.rest()] == [CLOSE]


async def test_waiting_senders_are_told_of_the_end(live: Live) -> None:
    """They wait for room in the write buffer; the link ends."""
    link, _ = await live(buffers=SMALL)
    await stuck(link)
    senders = [asyncio.ensure_future(link.send("x")) for _ in range(3)]
    ping = asyncio.ensure_future(link.ping())
    await asyncio.sleep(0)
    link.abort()
    results = await asyncio.gather(*senders, ping, return_exceptions=True)
    assert [type(result) for result in results] == [LinkClosed] * 4


# ---------------------------------------------------------------- receiving


async def test_what_was_received_is_handed_over_before_the_end(live: Live) -> None:
    """All of it, whichever way it ends."""
    for end in (closing, None):
        link, peer = await live()
        await peer.send(frame(TEXT, b"x") * 100)
        if end is not None:
            await peer.send(end(link, 1000))
        peer.close()
        await link.wait_closed()
        assert [await link.recv() for _ in range(100)] == ["x"] * 100
        with pytest.raises(LinkClosed):
            await link.recv()


async def test_iteration_ends_quietly_only_after_a_normal_close(live: Live) -> None:
    """1000 and 1001 from either side end it; every other end raises."""
    for code, quiet in ((1000, True), (1001, True), (1011, False), (None, False)):
        link, peer = await live()
        await peer.send(frame(TEXT, b"x"))
        if code is not None:
            await peer.send(closing(link, code))
        peer.close()
        await link.wait_closed()
        messages = aiter(link)
        assert await anext(messages) == "x"
        with pytest.raises(StopAsyncIteration if quiet else LinkClosed):
            await anext(messages)


async def test_cancelling_recv_loses_nothing(live: Live) -> None:
    """However often, and in whatever moment."""
    link, peer = await live()
    received: list[Data] = []
    for number in range(50):
        waiting = asyncio.ensure_future(link.recv())
        await asyncio.sleep(0)
        await peer.send(frame(TEXT, b"%d" % number))
        if number % 3 == 0:
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        if not waiting.cancelled():
            received.append(waiting.result())
        else:
            received.append(await link.recv())
    assert received == [str(number) for number in range(50)]


async def test_no_time_takes_what_is_there(live: Live) -> None:
    """`recv(timeout=0)` never says that nothing came while something waits."""
    link, peer = await live()
    await peer.send(frame(TEXT, b"x") * 20)
    assert await link.recv() == "x"
    for _ in range(19):
        # As if the consumer had been served for long: its loop is owed a turn.
        link.inbox.overdue = True
        assert await link.recv(timeout=0) == "x"
    with pytest.raises(TimeoutError):
        await link.recv(timeout=0)


async def test_batches_bring_all_that_came(live: Live) -> None:
    """At least one message each, in order, and the end as in iteration."""
    link, peer = await live()
    await peer.send(frame(TEXT, b"a") + frame(TEXT, b"b"), closing(link, 1000))
    batches = [batch async for batch in link.batches()]
    assert all(batches)
    assert [message for batch in batches for message in batch] == ["a", "b"]


# ---------------------------------------------------------------- an end that a write notices first

WORDS = [f"m{number}" for number in range(5)]


def spoken(link: WireLink, *, code: int | None) -> bytes:
    """Messages, and a close frame behind them if there is a code."""
    words = b"".join(said(link, TEXT, word.encode()) for word in WORDS)
    return words if code is None else words + closing(link, code, "why")


async def check_all_was_told(link: WireLink, code: int | None) -> None:
    """The messages that had arrived, and what the close frame behind them said."""
    received = [await link.recv(timeout=PATIENCE) for _ in WORDS]
    assert received == WORDS
    closure = await link.wait_closed()
    assert (closure.received_code, closure.messages_received) == (code, len(WORDS))
    if code is None:
        assert closure.end == "reset"
    else:
        assert (closure.end, closure.by) == ("close-received", "peer")
        assert closure.received_reason == "why"
    await link.wait_gone()


@pytest.mark.parametrize("code", [None, 4005])
async def test_what_lies_in_the_socket_is_read_although_a_write_fails(
    live: Live, client: bool, code: int | None
) -> None:
    """The peer speaks and resets while we are busy, and we send before we read."""
    link, peer = await live(client=client)
    peer.send_now(spoken(link, code=code))
    peer.reset()
    with contextlib.suppress(LinkClosed):  # with TLS the end is noticed before the writing
        await link.send("too late")
    await check_all_was_told(link, code)


async def test_what_lies_in_the_socket_is_read_although_the_peer_is_gone(live: Live) -> None:
    """It closed in good order; our first message is answered by RST, our second fails."""
    link, peer = await live()
    peer.send_now(spoken(link, code=4005))
    peer.close()
    with contextlib.suppress(LinkClosed):
        for _ in range(4):
            await link.send("x" * 40_000)
    await check_all_was_told(link, 4005)


async def test_what_lies_in_the_socket_of_a_paused_link_is_read(live: Live, until: Until) -> None:
    """A slow consumer is thrown out, and our heartbeat finds the connection gone."""
    link, peer = await live(inbox_messages=2, heartbeat=Heartbeat(every=0.05, within=PATIENCE))
    await peer.send(said(link, TEXT, b"first") * 5)
    await paused(link)
    # More than one read brings, behind what lies in the read buffer.
    front = said(link, BINARY, bytes(1_000)) * 40
    await peer.send(front, spoken(link, code=1008))
    await peer.delivered()
    peer.reset()
    count = link._writer.bytes_sent
    await until(lambda: link.closure is not None or link._writer.bytes_sent > count)
    assert [await link.recv() for _ in range(5)] == ["first"] * 5
    assert [await link.recv() for _ in range(40)] == [bytes(1_000)] * 40
    assert [await link.recv() for _ in WORDS] == WORDS
    closure = await link.wait_closed()
    assert (closure.end, closure.received_code, closure.by) == ("close-received", 1008, "peer")


async def test_what_lies_in_the_socket_is_read_although_much_waits_to_be_written(
    live: Live,
) -> None:
    """The transport notices by itself, when it goes on writing."""
    link, peer = await live(buffers=SMALL)
    await stuck(link)
    peer.send_now(spoken(link, code=4005))
    peer.reset()
    await check_all_was_told(link, 4005)


async def test_what_a_stuck_peer_had_said_is_told(live: Live) -> None:
    """It reads nothing, so the write limit ends a paused link: what it sent is not lost."""
    if live.encrypted:
        pytest.skip("nobody but the engine can read what lies in the socket")
    link, peer = await live(buffers=SMALL, inbox_messages=2, write_timeout=0.2)
    await peer.send(said(link, TEXT, b"first") * 5)
    await paused(link)
    await stuck(link)
    peer.send_now(spoken(link, code=4005))
    closure = await link.wait_closed()
    assert (closure.end, closure.received_code) == ("close-received", 4005)
    assert [await link.recv() for _ in range(5)] == ["first"] * 5
    assert [await link.recv() for _ in WORDS] == WORDS


async def test_a_pong_that_lies_in_the_socket_is_an_answer(live: Live) -> None:
    """Who waits for it gets the round-trip time, not the end."""
    link, peer = await live()
    ping = asyncio.ensure_future(link.ping())
    payload = (await peer.frame()).payload
    peer.send_now(said(link, PONG, payload))
    peer.reset()
    with contextlib.suppress(LinkClosed):
        await link.send("too late")
    assert await ping >= 0
    closure = await link.wait_closed()
    assert closure.last_pong is not None
    assert closure.ping_unanswered_since is None


# ---------------------------------------------------------------- a slow consumer


async def paused(link: WireLink) -> None:
    """Wait until reading has stopped because the inbox is full."""
    changes = Changes()
    link.on_pause = changes.notify
    await changes.until(lambda: link.paused_since is not None, what="a pause")


async def test_a_full_inbox_stops_reading(live: Live) -> None:
    """By messages: never more than the limit waits; then all arrive in order."""
    link, peer = await live(inbox_messages=10)
    sending = asyncio.ensure_future(
        peer.send(b"".join(frame(TEXT, b"%d" % number) for number in range(50_000)))
    )
    await paused(link)
    for number in range(50_000):
        assert link.inbox.queued() <= 10
        assert await link.recv() == str(number)
    await sending
    assert link.paused_since is None
    assert link.closure is None


async def test_what_a_transport_has_read_ahead_is_not_left_behind(live: Live) -> None:
    """Reading is paused while TLS holds more than we took; the peer says no more. It all comes."""
    link, peer = await live(inbox_messages=2)
    sending = asyncio.ensure_future(
        peer.send(b"".join(frame(TEXT, b"%0100d" % number) for number in range(5_000)))
    )
    await paused(link)
    for number in range(5_000):
        assert await link.recv(timeout=PATIENCE) == f"{number:0100}"
    await sending


async def test_a_full_inbox_stops_reading_by_bytes(live: Live) -> None:
    """A message larger than the whole inbox passes alone."""
    sizes = [10, 600, 500, 5_000, 1, 999, 400, 700_000, 20] * 10
    link, peer = await live(inbox_bytes=1_000)
    sending = asyncio.ensure_future(
        peer.send(b"".join(frame(BINARY, bytes(size)) for size in sizes))
    )
    for size in sizes:
        assert len(await link.recv()) == size
        assert link.inbox.queued() <= 1 or link.inbox.pending_bytes <= 1_000
    await sending


async def test_what_came_before_the_end_is_kept_while_reading_was_paused(live: Live) -> None:
    """It lies in the read buffer, more than the inbox may hold; it is handed over all the same."""
    link, peer = await live(inbox_messages=3)
    await peer.send(frame(TEXT, b"x") * 100)
    await paused(link)
    assert link.inbox.queued() == 3
    link.abort()
    closure = await link.wait_closed()
    assert closure.paused_since is not None
    assert closure.messages_received == 100
    assert not closure.partial_frame
    assert [await link.recv() for _ in range(100)] == ["x"] * 100
    with pytest.raises(LinkClosed):
        await link.recv()


async def test_a_close_frame_behind_what_was_not_taken(live: Live) -> None:
    """It lies in the read buffer when TCP fails: the record tells what the peer said."""
    link, peer = await live(inbox_messages=3)
    await peer.send(frame(TEXT, b"x") * 10, closing(link, 4005, "why"))
    await paused(link)
    peer.reset()
    with contextlib.suppress(LinkClosed):  # with TLS as soon as there is nobody to write to
        while link.closure is None:
            # While reading is paused only writing can notice it.
            await link.send("x")
            await asyncio.sleep(0)
    assert [await link.recv() for _ in range(10)] == ["x"] * 10
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("close-received", "peer")
    assert (closure.received_code, closure.received_reason) == (4005, "why")
    assert closure.messages_received == 10


async def test_the_peers_close_waits_for_the_consumer(live: Live) -> None:
    """It is behind messages that do not fit yet: told when they have been taken, in order."""
    link, peer = await live(inbox_messages=3)
    await peer.send(frame(TEXT, b"x") * 10, closing(link, 1000))
    await paused(link)
    assert link.closure is None
    assert [message async for message in link] == ["x"] * 10
    assert (await link.wait_closed()).end == "close-received"


async def test_an_end_says_what_had_no_place(live: Live) -> None:
    """What had arrived may inflate to a thousand times the inbox: bounded, and not silent."""
    parameters = DeflateParameters(remote_no_context_takeover=True, local_no_context_takeover=True)
    link, peer = await live(deflate=parameters, inbox_bytes=1_000)
    packed = Deflate(parameters).compress(MEGABYTE)
    await peer.send(frame(BINARY, packed, rsv=4) * 20)
    await paused(link)
    link.abort()
    closure = await link.wait_closed()
    waiting = link.inbox.queued()
    assert waiting <= 3
    assert closure.messages_received == waiting + closure.messages_dropped
    assert closure.messages_dropped >= 1
    assert [await link.recv() for _ in range(waiting)] == [MEGABYTE] * waiting
    with pytest.raises(LinkClosed):
        await link.recv()


async def test_reading_goes_on_in_another_inbox(live: Live) -> None:
    """Handed over while it was paused: what waited comes first, nothing is lost, none doubled."""
    link, peer = await live(inbox_messages=5)
    await peer.send(b"".join(frame(TEXT, b"%d" % number) for number in range(200)))
    await paused(link)
    inbox = Inbox(1_000, 2**20)
    link.hand_over_to(inbox)
    received = [await inbox.receive() for _ in range(200)]
    assert received == [str(number) for number in range(200)]
    assert link.paused_since is None
    link.abort()
    assert not inbox.ended


# ---------------------------------------------------------------- fragments


async def test_fragments_without_end(live: Live) -> None:
    """Trap 10: their number is limited."""
    link, peer = await live(max_fragments=10)
    await peer.send(frame(TEXT, b"x", fin=False) + frame(CONT, b"", fin=False) * 20)
    assert (await link.wait_closed()).end == "message-too-big"
    assert (await link.wait_closed()).sent_code == 1009


async def test_a_message_that_does_not_go_on(live: Live) -> None:
    """Trap 10: a peer cannot hold half a message for ever; control frames do not help it."""
    link, peer = await live(fragment_timeout=0.1)
    await peer.send(frame(TEXT, b"x", fin=False), frame(PING))
    closure = await link.wait_closed()
    assert (closure.end, closure.sent_code) == ("protocol-error", 1008)
    assert closure.partial_frame


async def test_the_time_limit_is_one_for_each_message(live: Live) -> None:
    """A busy link on which always some message is incomplete is not condemned."""
    limit = 0.3
    link, peer = await live(fragment_timeout=limit)
    started = time.monotonic()
    await peer.send(frame(TEXT, b"0", fin=False))
    count = 0
    while time.monotonic() - started < 3 * limit:
        count += 1
        # The end of one message and the beginning of the next, in one piece.
        await peer.send(frame(CONT, b"end") + frame(TEXT, b"%d" % count, fin=False))
        assert await link.recv() == f"{count - 1}end"
        await asyncio.sleep(limit / 10)  # time must pass: it is what is tested
    assert link.closure is None


@pytest.mark.blocking
async def test_our_own_lateness_is_not_blamed_on_half_a_message(live: Live, until: Until) -> None:
    """Its rest lies in the socket, more than one read takes, while our loop stands still."""
    link, peer = await live(fragment_timeout=0.2)
    await peer.send(said(link, BINARY, b"a", fin=False))
    await until(lambda: link.reader.parser.opcode)
    sending = asyncio.ensure_future(peer.send(said(link, CONT, bytes(1_500_000))))
    await asyncio.sleep(0)
    time.sleep(0.5)  # noqa: ASYNC251 - the user's code blocks the loop, which is the point
    message = await link.recv(timeout=PATIENCE)
    assert len(message) == 1_500_001
    await sending
    assert link.closure is None


async def test_half_a_message_is_spared_once(live: Live) -> None:
    """A peer that only ever goes on is not late: it holds us up, and its time ends."""
    limit = 0.2
    link, peer = await live(fragment_timeout=limit, max_fragments=10**9)
    started = time.monotonic()
    await peer.send(said(link, TEXT, b"x", fin=False))
    with contextlib.suppress(OSError):
        while link.closure is None and time.monotonic() - started < PATIENCE:
            await peer.send(said(link, CONT, b"x", fin=False))
            await asyncio.sleep(0)
    closure = await link.wait_closed()
    assert (closure.end, closure.sent_code) == ("protocol-error", 1008)
    assert time.monotonic() - started > limit / 2


async def test_a_paused_link_is_not_blamed_for_half_a_message(live: Live) -> None:
    """Its rest may be in the socket: as long as we do not read, the peer is not late."""
    link, peer = await live(inbox_messages=1, fragment_timeout=0.1)
    await peer.send(frame(TEXT, b"a"), frame(TEXT, b"b", fin=False), frame(CONT, b"c", fin=False))
    await paused(link)
    await peer.send(frame(CONT, b"d"))
    await asyncio.sleep(0.3)  # three times the limit
    assert link.closure is None
    assert [await link.recv(), await link.recv()] == ["a", "bcd"]


# ---------------------------------------------------------------- pings from the peer


async def test_pongs_are_answered_in_order(live: Live, client: bool) -> None:
    """Each ping its pong, also between fragments, and from a consumer that receives nothing."""
    link, peer = await live(client=client)
    await peer.send(
        said(link, TEXT, b"a", fin=False),
        *(said(link, PING, b"%d" % number) for number in range(60)),
        said(link, CONT, b"b"),
        said(link, PING, b"last"),
    )
    answers = await peer.frames(61)
    assert all(one.opcode == PONG and one.masked == client for one in answers)
    assert [one.payload for one in answers] == [b"%d" % at for at in range(60)] + [b"last"]
    assert await link.recv() == "ab"


async def test_a_flood_of_pings_from_a_peer_that_never_reads(live: Live) -> None:
    """Memory stays bounded: of what cannot be answered only the last ping is remembered."""
    high = 64 * 1024
    link, peer = await live(buffers=SMALL, write_high=high)
    payload = b"x" * 125
    count = 40_000
    for _ in range(count // 100):
        await peer.send(frame(PING, payload) * 100)
    await peer.send(frame(PING, b"the last one"), frame(TEXT, b"behind"))
    assert await link.recv() == "behind"
    assert not link.writable
    buffered = link._writer.buffered
    assert buffered < 4 * high
    # The peer reads at last: some pongs, and the last one.
    while (answer := await peer.frame()).payload != b"the last one":
        assert answer.payload == payload
    await link.send("goes out again")
    assert (await peer.frame()).payload == b"goes out again"


# ---------------------------------------------------------------- sending


async def test_concurrent_senders_are_served_in_turn(live: Live) -> None:
    """Many at once against a slow reader: every message whole, and each sender's in order."""
    link, peer = await live(client=False, buffers=SMALL, write_high=8_192)
    senders, each = 20, 30

    async def send(name: int) -> None:
        for number in range(each):
            await link.send(b"%d/%d " % (name, number) + bytes(1_000))

    tasks = [asyncio.ensure_future(send(name)) for name in range(senders)]
    got = [(await peer.frame()).payload.split(b" ")[0] for _ in range(senders * each)]
    await asyncio.gather(*tasks)
    for name in range(senders):
        mine = [one for one in got if one.startswith(b"%d/" % name)]
        assert mine == [b"%d/%d" % (name, number) for number in range(each)]


@pytest.mark.parametrize(
    ("deflate", "size", "most"),
    [(None, 1, 500_000), (DeflateParameters(), 2**20, 25)],
    ids=["small", "deflate"],
)
async def test_a_sender_does_not_keep_the_loop(
    live: Live, deflate: DeflateParameters | None, size: int, most: int
) -> None:
    """All that is sent finds room, so nothing makes it wait: the loop has its turn, too."""
    link, _ = await live(client=False, deflate=deflate, write_high=2**24)
    ran: list[bool] = []
    asyncio.get_running_loop().call_soon(ran.append, True)
    for _ in range(most):
        await link.send(bytes(size))
        if ran:
            break
    assert link.writable
    assert ran


async def test_who_lets_the_loop_run_can_be_cancelled(live: Live) -> None:
    """A sender that stopped for the loop's sake has sent nothing; the next goes on."""
    link, peer = await live()

    async def send() -> None:
        while not link.overdue:
            link.post(b"x")
        asyncio.get_running_loop().call_soon(sending.cancel)
        await link.send(b"cancelled")

    sending = asyncio.ensure_future(send())
    await asyncio.wait([sending])
    assert sending.cancelled()
    assert not link.overdue
    await link.send(b"followed")
    while (payload := (await peer.frame()).payload) == b"x":
        pass
    assert payload == b"followed"


async def test_cancelled_senders_send_nothing_and_harm_nobody(live: Live) -> None:
    """Trap 13: cancelled while it waits for room, a sender passes its turn on."""
    link, peer = await live(client=False, buffers=SMALL, write_high=8_192)
    while link.writable:
        await link.send(b"fill" + bytes(5_000))
    waiting = [asyncio.ensure_future(link.send(b"%d" % number)) for number in range(10)]
    await asyncio.sleep(0)
    for number in (0, 1, 5, 9):
        waiting[number].cancel()
    received: list[bytes] = []
    while len(received) < 6:
        payload = (await peer.frame()).payload
        if not payload.startswith(b"fill"):
            received.append(payload)
    await asyncio.wait(waiting)
    assert received == [b"2", b"3", b"4", b"6", b"7", b"8"]


async def test_what_cannot_be_sent_is_refused(live: Live) -> None:
    """Before anything is written: the link goes on."""
    link, peer = await live(max_message_bytes=10)
    for wrong in (None, 5, ["x"], object()):
        with pytest.raises(TypeError):
            await link.send(wrong)  # type: ignore[arg-type]  # the very point
    with pytest.raises(MessageTooBig) as caught:
        await link.send("€€€€")
    assert (caught.value.size, caught.value.limit, caught.value.blame) == (12, 10, "local")
    with pytest.raises(ValueError, match="cannot be sent"):
        await link.close(1006)
    with pytest.raises(ValueError, match="123"):
        await link.close(1000, "x" * 124)
    with pytest.raises(UnicodeEncodeError):
        await link.send("\ud800")
    await link.send("€€€")
    assert (await peer.frame()).payload == "€€€".encode()


async def test_bytes_of_every_kind(live: Live) -> None:
    """``bytes``, ``bytearray`` and ``memoryview`` go as binary, and are copied at once."""
    link, peer = await live()
    buffer = bytearray(b"abc")
    for data in (b"abc", buffer, memoryview(buffer)):
        await link.send(data)
    buffer[:] = b"xyz"
    frames = await peer.frames(3)
    assert [(one.opcode, one.payload) for one in frames] == [(BINARY, b"abc")] * 3


async def test_masks_are_fresh(live: Live) -> None:
    """Trap 8: no two frames of a client look alike, though they say the same."""
    link, peer = await live()
    for _ in range(20):
        await link.send(b"the same")
    raw = b""
    while len(raw) < 20 * 14:
        raw += await peer.read(2**16)
    keys = {raw[at + 2 : at + 6] for at in range(0, len(raw), 14)}
    assert len(keys) == 20


# ---------------------------------------------------------------- compression


async def test_compression_both_ways(live: Live, client: bool) -> None:
    """With context takeover; short messages go as they are."""
    link, peer = await live(client=client, deflate=DeflateParameters())
    far = Deflate(DeflateParameters())
    key = None if client else KEY
    text = "the same words again and again " * 10
    for _ in range(3):
        await peer.send(frame(TEXT, far.compress(text.encode()), rsv=4, mask=key))
        assert await link.recv() == text
        await link.send(text)
        got = await peer.frame()
        assert got.rsv == 4
        assert far.inflate(got.payload, 10_000).decode() == text
    await link.send("short")
    assert (await peer.frame()).payload == b"short"
    link.abort()
    assert (await link.wait_closed()).compressed


async def test_compression_off_for_what_we_send(live: Live, client: bool) -> None:
    """``send=False``: we send plain what the peer may compress."""
    link, peer = await live(client=client, deflate=DeflateParameters(send=False))
    far = Deflate(DeflateParameters())
    text = "the same words again and again " * 10
    for _ in range(2):
        await peer.send(
            frame(TEXT, far.compress(text.encode()), rsv=4, mask=None if client else KEY)
        )
        assert await link.recv() == text
        await link.send(text)
        got = await peer.frame()
        assert (got.rsv, got.payload) == (0, text.encode())
    link.abort()
    assert (await link.wait_closed()).compressed


@pytest.mark.parametrize("least", [0, 1, 200])
async def test_short_messages_are_sent_plain(live: Live, least: int) -> None:
    """From ``min_bytes`` on messages are compressed, each of them whole or not at all."""
    link, peer = await live(deflate=DeflateParameters(min_bytes=least))
    far = Deflate(DeflateParameters())
    for size in (0, 1, 199, 200, 201, 199):
        await link.send(b"x" * size)
        got = await peer.frame()
        assert (got.rsv == 4) is (size >= least)
        assert (far.inflate(got.payload, 300) if got.rsv else got.payload) == b"x" * size


@pytest.mark.parametrize("size", [100, 100_000])
async def test_chance_of_the_very_limit_is_accepted_by_our_own_kind(live: Live, size: int) -> None:
    """Incompressible, compressed all the same, and of the limit's size: legal for both sides."""
    parameters = DeflateParameters()
    link, peer = await live(deflate=parameters, max_message_bytes=size)
    data = os.urandom(size)
    await link.send(data)
    got = await peer.frame()
    await peer.send(frame(BINARY, got.payload, rsv=got.rsv))
    assert await link.recv() == data


async def test_a_bomb_ends_the_link(live: Live) -> None:
    """1009, and nothing of it is handed over."""
    link, peer = await live(deflate=DeflateParameters(), max_message_bytes=10_000)
    far = Deflate(DeflateParameters())
    await peer.send(frame(BINARY, far.compress(MEGABYTE), rsv=4))
    assert (await peer.frame()).payload == close_payload(1009)
    with pytest.raises(LinkClosed):
        await link.recv()


# ---------------------------------------------------------------- user code that fails


@pytest.mark.parametrize("how", ["dead", "stuck", "abort", "condemn", "late", "broken", "lost"])
async def test_the_socket_is_let_go_whatever_is_raised_at_the_end(live: Live, how: str) -> None:
    """`on_end` raises; the record is made, TCP ends all the same, and nobody waits for ever."""
    reported: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    beat = Heartbeat(every=0.05, within=0.05) if how == "dead" else None
    link, peer = await live(buffers=SMALL, heartbeat=beat, close_timeout=0.1, write_timeout=0.1)

    def fail(_: Closure) -> None:
        raise RuntimeError("mine")

    link.on_end = fail
    if how == "stuck":
        await stuck(link)
    elif how == "late":
        link.begin_close()
    elif how == "broken":
        await peer.send(frame(3))
    elif how == "lost":
        peer.reset()
    elif how != "dead":
        with pytest.raises(RuntimeError, match="mine"):
            link.abort() if how == "abort" else link.condemn("silence")
    async with asyncio.timeout(PATIENCE):
        await link.wait_gone()
        await link.wait_closed()
    assert link._transport.is_closing()
    with pytest.raises(LinkClosed):
        await link.recv()
    if how in {"dead", "stuck", "late"}:
        assert [str(context["exception"]) for context in reported] == ["mine"]


async def test_a_failing_function_of_the_user_ends_the_link(live: Live) -> None:
    """What looks at messages raises: the end is ours, and names it; earlier messages are kept."""

    def inspect(fresh: list[Data]) -> list[Data]:
        if "bad" in fresh:
            raise RuntimeError("mine")
        return fresh

    link, peer = await live()
    link.reader.inspect = inspect
    await peer.send(frame(TEXT, b"good"))
    assert await link.recv() == "good"
    await peer.send(frame(TEXT, b"bad"))
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("local-error", "local")
    assert isinstance(closure.error, RuntimeError)


async def test_writable_again_is_told(live: Live) -> None:
    """To who posts without waiting."""
    told: list[bool] = []
    link, peer = await live(client=False, buffers=SMALL, write_high=8_192)
    link.on_writable = lambda: told.append(link.writable)
    count = 0
    while link.writable:
        link.post(bytes(5_000))
        count += 1
        await asyncio.sleep(0)
    await peer.frames(count)
    await link.wait_writable()
    assert told == [True]
