"""Dialling: against real sockets, and everything that can go wrong on the way."""

from __future__ import annotations

import asyncio
import base64
import gc
import logging
import socket
import sys
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import AddressError, ConnectError, HandshakeRejected, LinkClosed, TLSError
from longwire.link.dial import dial
from longwire.link.inbox import Inbox
from longwire.link.options import LinkOptions
from longwire.testing import PATIENCE, FeedThread, NumberedFeed, frames, openings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from longwire.link.link import WireLink
    from longwire.testing.rawlink import Opening, RawLink

SOON = 0.2
"""A time limit that is meant to run out."""
NEVER = 600.0
"""One that is not."""
SECRET = "s3cr3t"


async def failure(url: str, **options: Any) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await dial(url, **options)
    return caught.value


def told(error: BaseException) -> str:
    """Everything that an error shows of itself and of what stands behind it."""
    shown = ""
    seen: BaseException | None = error
    while seen is not None:
        shown += f"{seen} {seen!r} {seen.args} "
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return shown


# ---------------------------------------------------------------- success


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_opens_a_live_link(
    engine: str, secure: bool, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Messages flow both ways, on each loop, engine, and with TLS."""
    async with NumberedFeed(tls=server_tls if secure else None) as feed:
        link = await dial(feed.url, tls=client_tls)
        assert link.closure is None
        assert link.request.path == "/feed"
        assert link.request.peer == f"127.0.0.1:{feed.port}"
        await feed.link()
        feed.emit(3)
        assert [await link.recv() for _ in range(3)] == [f"{n} of the feed" for n in range(3)]
        await link.send("hello")
        assert await feed.links[0].wait_message() == "hello"
        await link.close()


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_frames_right_behind_the_answer_are_not_lost(
    engine: str, secure: bool, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """A server may speak in the same segment as its 101, and close in it, too."""
    early = b"".join(frames.frame(frames.TEXT, b"%d" % n) for n in range(100))
    early += frames.frame(frames.CLOSE, frames.close_payload(4000, "that was it"))
    opening = openings.accept_with({}, early=early)
    async with NumberedFeed(opening=opening, tls=server_tls if secure else None) as feed:
        link = await dial(feed.url, tls=client_tls)
        assert [await link.recv() for _ in range(100)] == [str(n) for n in range(100)]
        with pytest.raises(LinkClosed):
            await link.recv()
        assert link.closure is not None
        assert (link.closure.received_code, link.closure.received_reason) == (4000, "that was it")
        await link.wait_gone()


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_a_flood_right_behind_the_answer_is_not_cut(
    engine: str, secure: bool, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """More than one read takes comes with the 101: every message is there, in order."""
    messages = [b"%d " % number + bytes(1_000) for number in range(1_000)]
    early = b"".join(frames.frame(frames.BINARY, one) for one in messages)
    opening = openings.accept_with({}, early=early)
    async with NumberedFeed(opening=opening, tls=server_tls if secure else None) as feed:
        link = await dial(feed.url, tls=client_tls)
        assert [await link.recv(PATIENCE) for _ in messages] == messages
        await link.close()


@pytest.mark.both_loops
async def test_answer_then_end_of_file(engine: str) -> None:
    """A server that accepts, speaks and goes in one breath: the message is there, then the end."""

    async def opening(raw: RawLink) -> None:
        head = await raw.read_head()
        raw.write(openings.answer(head) + frames.frame(frames.TEXT, b"bye"))
        raw.drop()

    async with NumberedFeed(opening=opening) as feed:
        link = await dial(feed.url)
        assert await link.recv() == "bye"
        closure = await link.wait_closed()
        assert closure.end == "eof"
        await link.wait_gone()


@pytest.mark.both_loops
@pytest.mark.parametrize(
    "tokens", ["keep-alive, Upgrade", "upgrade, keep-alive", "Keep-Alive,UPGRADE", "upgrade"]
)
async def test_an_answer_with_several_connection_tokens(engine: str, tokens: str) -> None:
    """Servers and proxies may say more in ``Connection`` than Upgrade (trap 6)."""
    async with NumberedFeed(opening=openings.accept_with({"Connection": tokens})) as feed:
        link = await dial(feed.url)
        await link.close()


async def test_informational_answers_come_before_the_answer() -> None:
    """Early hints are no answer; a flood of them is none either, and is not read for ever."""

    async def hints(raw: RawLink) -> None:
        raw.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3)
        await openings.accept(raw)

    async def flood(raw: RawLink) -> None:
        await raw.read_head()
        raw.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10_000)

    async with NumberedFeed(opening=hints) as feed:
        link = await dial(feed.url)
        await link.close()
    async with NumberedFeed(opening=flood) as feed:
        assert (await failure(feed.url, open_timeout=NEVER)).kind == "handshake"
        await feed.links[0].wait_ended()


async def test_the_answer_may_drip() -> None:
    """Byte by byte is slow, but right."""
    async with NumberedFeed(opening=openings.drip(0.0)) as feed:
        link = await dial(feed.url)
        await link.close()


async def test_the_request_says_what_was_asked() -> None:
    """Headers, origin, subprotocols, basic authentication arrive at the server."""
    accept = openings.accept_with({"Sec-WebSocket-Protocol": "b"})
    async with NumberedFeed(opening=accept) as feed:
        link = await dial(
            f"ws://bob:p%40ss@localhost:{feed.port}/a?b=c",
            headers={"X-One": "1"},
            origin="https://a.example",
            subprotocols=("a", "b"),
            compression=None,
        )
        head = feed.links[0].head
        assert head is not None
        assert head.target == "/a?b=c"
        assert head.headers["host"] == f"localhost:{feed.port}"
        assert head.headers["x-one"] == "1"
        assert head.headers["origin"] == "https://a.example"
        assert head.headers["sec-websocket-protocol"] == "a, b"
        assert base64.b64decode(head.headers["authorization"].split()[1]) == b"bob:p@ss"
        assert "sec-websocket-extensions" not in head.headers
        assert link.request.subprotocol == "b"
        assert link.request.headers["x-one"] == "1"
        await link.close()


async def test_compression_is_negotiated() -> None:
    """What was agreed on reaches the link."""
    extension = {"Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=10"}
    async with NumberedFeed(opening=openings.accept_with(extension)) as feed:
        link = await dial(feed.url)
        link.abort()
        assert (await link.wait_closed()).compressed
        await link.wait_gone()


async def test_the_smallest_window_can_be_asked_of_us() -> None:
    """Our offer allows ``client_max_window_bits=8`` (RFC 7692, 7.1.2.2): what we send obeys it."""
    extension = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits=8"}
    async with NumberedFeed(opening=openings.accept_with(extension)) as feed:
        link = await dial(feed.url)
        raw = await feed.link()
        window = zlib.decompressobj(wbits=-8)
        for number in range(3):
            message = b"%d " % number + b"abc " * 1_000
            await link.send(message)
            await raw.wait_message(number + 1)
            sent = raw.frames[-1]
            assert sent.rsv == 4
            assert window.decompress(sent.payload + b"\0\0\xff\xff") == message
        await link.close()


async def test_options_inbox_and_preparation_reach_the_link() -> None:
    """The link gets its bounds and its inbox, and is prepared before it has received anything."""
    inbox = Inbox(10, 1000)
    received: list[Any] = []

    def prepare(link: WireLink) -> None:
        def inspect(messages: list[Any]) -> list[Any]:
            received.extend(messages)
            return messages

        link.reader.inspect = inspect

    early = frames.frame(frames.TEXT, b"early")
    async with NumberedFeed(opening=openings.accept_with({}, early=early)) as feed:
        options = LinkOptions(close_timeout=0.5)
        link = await dial(feed.url, options=options, inbox=inbox, prepare=prepare)
        assert link.inbox is inbox
        assert received == ["early"]
        await link.close()


async def test_a_preparation_that_fails_opens_nothing() -> None:
    """An error in it is told to whoever dials, and the connection is closed."""

    def prepare(link: WireLink) -> None:
        raise KeyError(SECRET)

    async with NumberedFeed() as feed:
        error = await failure(feed.url, prepare=prepare)
        assert (error.kind, error.retryable) == ("local", False)
        assert SECRET not in str(error)
        await feed.links[0].wait_ended()


# ---------------------------------------------------------------- headers from a function


async def test_headers_from_functions() -> None:
    """A function, a coroutine function and a mapping do; functions are asked by each dial."""
    asked = 0

    def plain() -> dict[str, str]:
        nonlocal asked
        asked += 1
        return {"X-Token": f"token {asked}"}

    async def asynchronous() -> list[tuple[str, str]]:
        await asyncio.sleep(0)
        return [("X-Token", "from afar")]

    async with NumberedFeed() as feed:
        for source in (plain, plain, asynchronous, {"X-Token": "fixed"}):
            link = await dial(feed.url, headers=source)
            await link.close()
        heads = [link.head for link in feed.links]
        assert [head.headers["x-token"] for head in heads if head is not None] == [
            "token 1",
            "token 2",
            "from afar",
            "fixed",
        ]


@pytest.mark.parametrize(
    ("raised", "retryable"),
    [
        (RuntimeError(SECRET), True),
        (OSError(SECRET), True),
        (TimeoutError(SECRET), True),
        (TypeError(SECRET), False),
        (NameError(SECRET), False),
    ],
)
async def test_headers_function_that_raises(raised: Exception, retryable: bool) -> None:
    """Its trouble is local and may pass, unless the program itself is wrong; its text stays out."""

    def source() -> dict[str, str]:
        raise raised

    error = await failure("ws://127.0.0.1:1/", headers=source)
    assert (error.kind, error.retryable, error.blame) == ("local", retryable, "local")
    assert error.__cause__ is raised
    assert SECRET not in str(error)
    assert type(raised).__name__ in str(error)


async def test_headers_function_may_raise_our_errors() -> None:
    """An error of ours passes as it is: so a program can say itself whether to go on."""
    mine = ConnectError("no token any more", kind="local", retryable=False)

    def source() -> dict[str, str]:
        raise mine

    assert await failure("ws://127.0.0.1:1/", headers=source) is mine


@pytest.mark.parametrize(
    "headers", [{"X": f"a\r\nEvil: {SECRET}"}, {"Upgrade": "x"}, ["X"], [("X", 1)]]
)
async def test_bad_headers_are_not_sent(mute: Any, headers: Any) -> None:
    """Nothing is sent, not even a connection made, when the headers must not be."""
    for source in (headers, lambda: headers):
        error = await failure(f"ws://127.0.0.1:{mute.port}/", headers=source)
        assert error.kind == "local"
        assert SECRET not in str(error)
    assert not mute.received


@pytest.mark.parametrize(
    "options",
    [
        {"origin": f"https://a.example\r\nX-Evil: {SECRET}"},
        {"origin": "https://a.example\n"},
        {"subprotocols": [f"a\r\nX-Evil: {SECRET}"]},
        {"subprotocols": ["a, b"]},
        {"subprotocols": ["a\0"]},
    ],
)
async def test_bad_options_are_not_sent(mute: Any, options: dict[str, Any]) -> None:
    """Nor when it is the origin or a subprotocol that would smuggle a header in."""
    error = await failure(f"ws://127.0.0.1:{mute.port}/", **options)
    assert (error.kind, error.retryable) == ("local", False)
    assert SECRET not in told(error)
    assert not mute.received


async def test_secrets_of_the_url_stay_in_one_header() -> None:
    """Line ends in user and password, percent-encoded in the URL, go out as base64."""
    async with NumberedFeed() as feed:
        link = await dial(f"ws://b%0d%0aob:p%0d%0aX-Evil%3a%20y@127.0.0.1:{feed.port}/")
        head = feed.links[0].head
        assert head is not None
        sent = base64.b64decode(head.headers["authorization"].split()[1])
        assert sent == b"b\r\nob:p\r\nX-Evil: y"
        assert "x-evil" not in head.headers
        await link.close()


async def test_header_values_are_latin_1() -> None:
    """What a header may hold beside ASCII is sent as one byte each (RFC 9110, 5.5)."""
    async with NumberedFeed() as feed:
        link = await dial(feed.url, headers={"X-Name": "Zoë"})
        head = feed.links[0].head
        assert head is not None
        assert head.headers["x-name"] == "Zoë"
        await link.close()


# ---------------------------------------------------------------- what the server answers instead


@pytest.mark.both_loops
@pytest.mark.parametrize(
    ("opening", "kind", "retryable"),
    [
        (openings.end_of_file, "eof", True),
        (openings.end_inside_answer, "eof", True),
        (openings.reset_instead, "reset", True),
        (openings.wrong_accept_key, "handshake", False),
        (openings.garbage(), "handshake", False),
        (openings.garbage(b"\x81\x00"), "handshake", False),
        (openings.accept_with({"Sec-WebSocket-Protocol": "unheard-of"}), "handshake", False),
        (openings.accept_with({"Sec-WebSocket-Extensions": "unheard-of"}), "handshake", False),
        (openings.reject(404), "rejected", False),
        (openings.reject(503), "rejected", True),
    ],
)
async def test_faults(engine: str, opening: Opening, kind: str, retryable: bool) -> None:
    """Each fault has its kind (an end before the answer is one: trap 4), and no socket stays."""
    async with NumberedFeed(opening=opening) as feed:
        error = await failure(feed.url)
        assert (error.kind, error.retryable) == (kind, retryable)
        assert error.where == feed.url
        assert error.hint
        await feed.links[0].wait_ended()


async def test_what_was_not_offered_is_not_accepted() -> None:
    """A subprotocol beside those that were offered, and compression where none was wanted."""
    protocol = openings.accept_with({"Sec-WebSocket-Protocol": "c"})
    async with NumberedFeed(opening=protocol) as feed:
        assert (await failure(feed.url, subprotocols=["a", "b"])).kind == "handshake"
        await feed.links[0].wait_ended()
    deflate = openings.accept_with({"Sec-WebSocket-Extensions": "permessage-deflate"})
    async with NumberedFeed(opening=deflate) as feed:
        assert (await failure(feed.url, compression=None)).kind == "handshake"
        await feed.links[0].wait_ended()


@pytest.mark.both_loops
async def test_end_of_file_before_the_request(engine: str) -> None:
    """A server that closes at once, before it has read anything, is a fault of the same kind."""

    async def opening(raw: RawLink) -> None:
        raw.drop()

    async with NumberedFeed(opening=opening) as feed:
        error = await failure(feed.url)
        assert error.kind in {"eof", "reset"}
        assert error.retryable


async def test_rejection() -> None:
    """Status, headers, the body's start, and when to come back."""
    opening = openings.reject(429, {"Retry-After": "7", "X-Limit": "5"}, b"slow down")
    async with NumberedFeed(opening=opening) as feed:
        error = await failure(feed.url)
    assert isinstance(error, HandshakeRejected)
    assert (error.status, error.body, error.retry_after) == (429, b"slow down", 7.0)
    assert error.headers["x-limit"] == "5"
    assert error.retryable


async def test_rejection_that_is_reset_behind_its_head() -> None:
    """What came of a rejection counts, even if the connection is reset then."""

    async def opening(raw: RawLink) -> None:
        await raw.read_head()
        raw.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nno")
        await asyncio.sleep(0)
        raw.drop()

    async with NumberedFeed(opening=opening) as feed:
        error = await failure(feed.url)
    assert isinstance(error, HandshakeRejected)
    assert (error.status, error.body) == (403, b"no")


async def endless_body(raw: RawLink) -> None:
    await raw.read_head()
    raw.write(b"HTTP/1.1 500 Oops\r\n\r\nbegun")


async def test_a_body_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not come to its end is cut off by its own, short time limit."""
    monkeypatch.setattr("longwire.link.attempt.BODY_TIME", 0.05)
    async with NumberedFeed(opening=endless_body) as feed:
        error = await failure(feed.url, open_timeout=NEVER)
        assert isinstance(error, HandshakeRejected)
        assert (error.status, error.body) == (500, b"begun")
        await feed.links[0].wait_ended()


async def test_a_slow_body_does_not_hide_the_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the whole deadline runs out inside the body, the rejection is told, not the lateness."""
    monkeypatch.setattr("longwire.link.attempt.BODY_TIME", NEVER)
    async with NumberedFeed(opening=endless_body) as feed:
        error = await failure(feed.url, open_timeout=SOON)
        assert isinstance(error, HandshakeRejected)
        assert error.body == b"begun"


async def test_an_answer_without_end_is_refused() -> None:
    """A head may have 64 KiB, however it comes."""

    async def opening(raw: RawLink) -> None:
        await raw.read_head()
        raw.write(b"HTTP/1.1 101 Switching\r\n" + b"a: b\r\n" * 20_000)

    async with NumberedFeed(opening=opening) as feed:
        assert (await failure(feed.url)).kind == "handshake"


# ---------------------------------------------------------------- no way there


@pytest.mark.both_loops
async def test_refused(engine: str) -> None:
    """Nobody listens: the usual state of a server that restarts."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failure(f"ws://127.0.0.1:{taken.getsockname()[1]}/")
    assert (error.kind, error.retryable, error.blame) == ("refused", True, "peer")


async def test_refused_on_all_addresses() -> None:
    """A name with several addresses: what the engine makes of it is still a refusal."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failure(f"ws://localhost:{taken.getsockname()[1]}/")
    assert error.kind == "refused"


@pytest.mark.skipif(sys.platform != "linux", reason="all of 127/8 is this machine on Linux only")
async def test_several_addresses(
    engine: str, monkeypatch: pytest.MonkeyPatch, full_queue: Any
) -> None:
    """One address refuses, one never answers, the third is it; nothing stays of the others."""
    async with NumberedFeed() as feed:
        port = feed.port

        async def resolve(*_args: Any, **_options: Any) -> list[Any]:
            hosts = ("127.0.0.2", "127.0.0.3", "127.0.0.1")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in hosts]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        with full_queue("127.0.0.3", port):
            link = await dial(f"ws://several.example:{port}/", open_timeout=NEVER)
            assert link.request.peer == f"127.0.0.1:{port}"
            assert link.request.headers["host"] == f"several.example:{port}"
            await link.close()
        gc.collect()


async def test_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver's refusal is an AddressError that may pass."""

    async def no_such_name(*_args: Any, **_options: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_such_name)
    error = await failure("wss://no-such-name.invalid/")
    assert isinstance(error, AddressError)
    assert (error.kind, error.retryable) == ("dns", True)


async def test_no_file_descriptors_left(engine: str) -> None:
    """A machine without free descriptors could not even try: local, and it may pass."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        with socket.socket() as probe:
            lowest_free = probe.fileno()
        await _warm_up()
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
        try:
            error = await failure(url, tls=None)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (error.kind, error.retryable, error.blame) == ("local", True, "local")


async def _warm_up() -> None:
    # What is imported at first use needs descriptors, too.
    async with NumberedFeed() as feed:
        await (await dial(feed.url)).close()


@pytest.mark.parametrize("url", ["http://h/", "ws://", "", "ws://h/#x"])
async def test_unusable_urls(url: str) -> None:
    """They are refused before anything is done."""
    error = await failure(url)
    assert isinstance(error, AddressError)
    assert not error.retryable


@pytest.mark.parametrize(
    "options", [{"open_timeout": 0}, {"open_timeout": -1}, {"max_redirects": -1}]
)
async def test_limits_out_of_range(options: dict[str, Any]) -> None:
    """A deadline of nothing is a mistake of the program."""
    with pytest.raises(ValueError):
        await dial("ws://127.0.0.1:1/", **options)


# ---------------------------------------------------------------- TLS


@pytest.mark.both_loops
@pytest.mark.parametrize(
    ("context", "problem"),
    [
        ("expired_tls", "expired"),
        ("misnamed_tls", "wrong-name"),
        ("self_signed_tls", "self-signed"),
    ],
)
async def test_certificates(
    engine: str,
    context: str,
    problem: str,
    named_tls: Callable[[str], ssl.SSLContext],
    client_tls: ssl.SSLContext,
) -> None:
    """What is wrong with a certificate is named; trying again is no use."""
    async with NumberedFeed(tls=named_tls(context)) as feed:
        error = await failure(f"wss://localhost:{feed.port}/", tls=client_tls)
    assert isinstance(error, TLSError)
    assert (error.problem, error.retryable, error.kind) == (problem, False, "tls")
    assert error.hint


@pytest.mark.both_loops
async def test_unknown_issuer(engine: str, server_tls: ssl.SSLContext) -> None:
    """By default only the system's authorities are trusted."""
    async with NumberedFeed(tls=server_tls) as feed:
        error = await failure(f"wss://localhost:{feed.port}/")
    assert isinstance(error, TLSError)
    assert error.problem == "unknown-issuer"


@pytest.mark.both_loops
async def test_tls_towards_a_server_without(engine: str) -> None:
    """A server that does not speak TLS is a protocol problem, or it just hangs up."""

    async def opening(raw: RawLink) -> None:
        raw.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        raw.drop()

    async with NumberedFeed(opening=opening) as feed:
        error = await failure(f"wss://127.0.0.1:{feed.port}/")
    assert isinstance(error, TLSError)
    assert (error.problem, error.retryable) == ("protocol", False)


@pytest.mark.both_loops
async def test_tls_that_ends_in_the_middle(engine: str) -> None:
    """A connection that is closed during the TLS handshake is worth another attempt."""

    async def opening(raw: RawLink) -> None:
        await raw.wait_bytes(1)
        raw.drop()

    async with NumberedFeed(opening=opening) as feed:
        error = await failure(f"wss://127.0.0.1:{feed.port}/")
    assert error.retryable
    assert error.kind in {"reset", "eof", "tls"}


async def test_tls_switched_off() -> None:
    """``tls=False`` with wss is refused, not taken for "without checks"."""
    error = await failure("wss://127.0.0.1:1/", tls=False)
    assert (error.kind, error.retryable) == ("local", False)
    error = await failure("wss://127.0.0.1:1/", tls="yes")
    assert error.kind == "local"


# ---------------------------------------------------------------- one deadline over everything


async def test_deadline_over_tcp(engine: str, unanswered_port: int) -> None:
    """A SYN that is never answered (trap 3)."""
    error = await failure(f"ws://127.0.0.1:{unanswered_port}/", open_timeout=SOON)
    assert (error.kind, error.retryable) == ("timeout", True)
    assert "connecting" in str(error)


@pytest.mark.both_loops
async def test_deadline_over_tls(engine: str, mute: Any) -> None:
    """A TLS handshake that is never answered; the server sees the socket close."""
    error = await failure(f"wss://127.0.0.1:{mute.port}/", open_timeout=SOON)
    assert error.kind == "timeout"
    assert mute.received
    await mute.all_gone()


@pytest.mark.both_loops
@pytest.mark.parametrize(
    ("opening", "word"), [(openings.never_answer, "waiting"), (openings.drip(0.02), "receiving")]
)
async def test_deadline_over_http(engine: str, opening: Opening, word: str) -> None:
    """An answer that never comes, or drips for ever; the text says how far it got."""
    async with NumberedFeed(opening=opening) as feed:
        error = await failure(feed.url, open_timeout=SOON)
        assert error.kind == "timeout"
        assert word in str(error)
        assert feed.url in str(error)
        await feed.links[0].wait_ended()


async def test_deadline_over_the_headers_function() -> None:
    """A token that is never delivered."""
    cancelled = asyncio.Event()

    async def source() -> dict[str, str]:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return {}

    error = await failure("ws://127.0.0.1:1/", headers=source, open_timeout=SOON)
    assert error.kind == "timeout"
    assert "headers" in str(error)
    assert cancelled.is_set()


async def test_deadline_over_redirects() -> None:
    """Redirects do not buy time."""
    async with NumberedFeed() as feed:

        async def opening(raw: RawLink) -> None:
            await raw.read_head()
            await asyncio.sleep(SOON / 3)
            raw.write(openings.response(302, {"Location": "/again"}))
            raw.drop()

        feed.opening = opening
        started = time.monotonic()
        error = await failure(feed.url, open_timeout=SOON, max_redirects=1000)
        assert error.kind == "timeout"
        assert len(feed.links) < 10
        assert time.monotonic() - started < 10


@pytest.mark.blocking
@pytest.mark.both_loops
async def test_our_own_lateness_is_not_held_against_the_server(engine: str) -> None:
    """The answer lay in the socket when the blocked loop came to judge: the link is live."""
    gate = asyncio.Event()
    with FeedThread(lambda: NumberedFeed(opening=openings.accept_after(gate))) as feed:
        task = asyncio.create_task(dial(feed.url, open_timeout=SOON))
        raw = await asyncio.wrap_future(feed.submit(lambda inner: inner.attempt()))
        await asyncio.wrap_future(feed.submit(lambda _: raw.read_head()))
        feed.do(lambda _: gate.set())
        feed.wait(lambda inner: inner.link())
        time.sleep(SOON + 1.0)  # noqa: ASYNC251 - blocking the loop is the fault under test
        link = await task
        await link.close()


# ---------------------------------------------------------------- cancellation


async def cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_while_tcp_is_not_answered(engine: str, unanswered_port: int) -> None:
    """Nothing stays of a dial that is cancelled before there is a connection."""
    task = asyncio.create_task(dial(f"ws://127.0.0.1:{unanswered_port}/", open_timeout=NEVER))
    for _ in range(10):
        await asyncio.sleep(0)
    await cancelled(task)
    gc.collect()


@pytest.mark.both_loops
@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_cancelled_while_nobody_answers(engine: str, mute: Any, scheme: str) -> None:
    """During TLS, or while waiting for the answer: the server sees the socket close (trap 1)."""
    task = asyncio.create_task(dial(f"{scheme}://127.0.0.1:{mute.port}/", open_timeout=NEVER))
    await mute.heard()
    await cancelled(task)
    await mute.all_gone()
    gc.collect()


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_cancelled_in_any_turn_of_the_loop(
    engine: str, secure: bool, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """However far it is, a cancelled dial leaves no socket, and nothing lives later (trap 1)."""
    prepared: list[WireLink] = []
    async with NumberedFeed(tls=server_tls if secure else None) as feed:
        await (await dial(feed.url, tls=client_tls)).close()
        for turns in range(40):
            task = asyncio.create_task(
                dial(feed.url, tls=client_tls, open_timeout=NEVER, prepare=prepared.append)
            )
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            try:
                await (await task).close()
            except asyncio.CancelledError:
                assert all(link.closure is not None for link in prepared)
        gc.collect()  # a socket that was forgotten is an error now
        for raw in feed.links:
            await raw.wait_ended()


@pytest.mark.both_loops
async def test_cancelled_in_any_turn_of_a_longer_way(engine: str) -> None:
    """The same with a name of several addresses, a token that is fetched, and a redirect."""

    async def token() -> dict[str, str]:
        await asyncio.sleep(0)
        return {"Authorization": "Bearer x"}

    live: list[WireLink] = []
    async with NumberedFeed() as feed:
        url = f"ws://localhost:{feed.port}/"
        for turns in range(60):
            feed.openings_once.clear()
            feed.openings_once.append(openings.redirect("/elsewhere"))
            task = asyncio.create_task(
                dial(url, headers=token, open_timeout=NEVER, prepare=live.append)
            )
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            try:
                await (await task).close()
            except asyncio.CancelledError:
                assert all(link.closure is not None for link in live)
        gc.collect()
        for raw in feed.links:
            await raw.wait_ended()


async def test_cancelled_in_the_moment_of_going_live() -> None:
    """The answer has been read, the dial not yet resumed: the link is aborted, not forgotten."""
    task: asyncio.Task[WireLink] | None = None
    live: list[WireLink] = []

    def prepare(link: WireLink) -> None:
        assert task is not None
        live.append(link)
        asyncio.get_running_loop().call_soon(task.cancel)

    async with NumberedFeed() as feed:
        task = asyncio.create_task(dial(feed.url, prepare=prepare))
        with pytest.raises(asyncio.CancelledError):
            await task
        closure = await live[0].wait_closed()
        assert closure.end == "aborted"
        await feed.links[0].wait_ended()


async def test_cancelled_inside_a_rejections_body() -> None:
    """The timer of the body goes, too."""
    async with NumberedFeed(opening=endless_body) as feed:
        task = asyncio.create_task(dial(feed.url, open_timeout=NEVER))
        raw = await feed.attempt()
        await raw.read_head()
        for _ in range(10):
            await asyncio.sleep(0)
        await cancelled(task)
        await raw.wait_ended()


async def test_cancelled_behind_a_redirect(mute: Any) -> None:
    """The second connection is closed like the first."""
    target = f"ws://127.0.0.1:{mute.port}/"
    async with NumberedFeed(opening=openings.redirect(target)) as feed:
        task = asyncio.create_task(dial(feed.url, open_timeout=NEVER))
        await mute.heard()
        await cancelled(task)
        await mute.all_gone()
        await feed.links[0].wait_ended()


async def test_cancellation_is_not_a_timeout(mute: Any) -> None:
    """An outer time limit stays the outer one's."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SOON):
            await dial(f"ws://127.0.0.1:{mute.port}/", open_timeout=NEVER)
    await mute.all_gone()


# ---------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(status: int) -> None:
    """Within an origin everything goes along, and each hop has its own connection and key."""
    async with NumberedFeed() as feed:
        feed.openings_once.append(openings.redirect("/elsewhere?a=b", status))
        url = f"ws://bob:pw@127.0.0.1:{feed.port}/feed"
        link = await dial(url, headers={"X-Api-Key": "key"}, subprotocols=())
        first, second = (raw.head for raw in feed.links)
        assert first is not None
        assert second is not None
        assert second.target == "/elsewhere?a=b"
        assert second.headers["x-api-key"] == "key"
        assert second.headers["authorization"] == first.headers["authorization"]
        assert second.headers["sec-websocket-key"] != first.headers["sec-websocket-key"]
        assert link.request.path == "/elsewhere?a=b"
        await feed.links[0].wait_ended()
        await link.close()


async def test_credentials_do_not_cross_origins() -> None:
    """Another port is another origin: no field of the user goes there (trap 7)."""
    async with NumberedFeed() as target, NumberedFeed() as feed:
        feed.opening = openings.redirect(target.url)
        link = await dial(
            f"ws://bob:{SECRET}@127.0.0.1:{feed.port}/feed",
            headers={"Cookie": SECRET, "X-Api-Key": SECRET, "User-Agent": "me"},
            origin="https://a.example",
        )
        there, here = target.links[0].head, feed.links[0].head
        assert here is not None
        assert here.headers["cookie"] == here.headers["x-api-key"] == SECRET
        assert there is not None
        assert "authorization" not in there.headers
        assert SECRET not in str(there.headers)
        assert there.headers["user-agent"] == "me"
        assert there.headers["origin"] == "https://a.example"
        await link.close()


async def test_credentials_return_to_their_origin() -> None:
    """A redirect away and back: the way home may carry again what was meant for home."""
    async with NumberedFeed() as away, NumberedFeed() as home:
        home.openings_once.append(openings.redirect(away.url))
        away.opening = openings.redirect(home.url)
        link = await dial(home.url, headers={"X-Api-Key": SECRET})
        heads = [raw.head for raw in (*away.links, home.links[1])]
        assert [head is not None and "x-api-key" in head.headers for head in heads] == [False, True]
        await link.close()


async def test_never_from_wss_to_ws(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """What was to be encrypted is not sent in the open, whatever the server wants."""
    async with NumberedFeed() as plain:
        opening = openings.redirect(plain.url)
        async with NumberedFeed(tls=server_tls, opening=opening) as feed:
            error = await failure(feed.url, tls=client_tls)
            assert (error.kind, error.retryable) == ("redirect", False)
            assert not plain.links
            await feed.links[0].wait_ended()


async def test_from_ws_to_wss(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """Towards encryption is fine; ``https`` means ``wss``."""
    async with NumberedFeed(tls=server_tls) as secure:
        location = secure.url.replace("wss://", "https://")
        async with NumberedFeed(opening=openings.redirect(location)) as feed:
            link = await dial(feed.url, tls=client_tls)
            assert link.request.peer.endswith(f":{secure.port}")
            await link.close()


@pytest.mark.parametrize(("limit", "hops"), [(0, 1), (1, 2), (5, 6)])
async def test_redirects_are_counted(limit: int, hops: int) -> None:
    """A loop of redirects ends."""
    async with NumberedFeed(opening=openings.redirect("/feed")) as feed:
        error = await failure(feed.url, max_redirects=limit)
        assert (error.kind, error.retryable) == ("redirect", False)
        assert len(feed.links) == hops


@pytest.mark.parametrize("location", ["", "ftp://h/", "ws://h:0/", "ws://[::1/"])
async def test_redirects_to_nowhere(location: str) -> None:
    """A redirect whose target is unusable is the server's fault."""
    async with NumberedFeed(opening=openings.redirect(location)) as feed:
        error = await failure(feed.url)
        assert (error.kind, error.blame) == ("redirect", "peer")


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    "opening",
    [
        openings.reject(401, {"WWW-Authenticate": f"Bearer {SECRET}"}, SECRET.encode()),
        openings.redirect(f"http://bob:{SECRET}@h:0/?token={SECRET}"),
        openings.end_of_file,
        openings.wrong_accept_key,
        openings.garbage(SECRET.encode() + b"\r\n\r\n"),
        openings.never_answer,
    ],
)
async def test_no_secret_is_ever_shown(
    engine: str, opening: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    """User, password, token and headers are in no text, repr, cause or log record."""
    caplog.set_level(logging.DEBUG)
    async with NumberedFeed(opening=opening) as feed:
        port = feed.port
        error = await failure(
            f"ws://bob:{SECRET}@127.0.0.1:{feed.port}/feed?token={SECRET}",
            headers={"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET},
            open_timeout=SOON,
        )
    assert SECRET not in told(error)
    assert SECRET not in caplog.text
    assert f"127.0.0.1:{port}/feed?token=…" in str(error)


async def test_success_shows_no_secret_either(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is logged of an opening that went well."""
    caplog.set_level(logging.DEBUG)
    async with NumberedFeed() as feed:
        link = await dial(f"ws://bob:{SECRET}@127.0.0.1:{feed.port}/?token={SECRET}")
        assert SECRET not in repr(link.request.headers)
        await link.close()
    assert SECRET not in caplog.text
