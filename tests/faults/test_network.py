"""No way to the peer: names without an address, ports that refuse, certificates that do not fit."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import NumberedFeed, misbehave

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]

DEADLINE = 10.0


async def test_dns_failure(receive: Receive) -> None:
    """A name that does not resolve (RFC 6761 keeps ``.invalid`` that way) is told as such."""
    async with receive("ws://no-such-host.invalid/feed", retry=None) as ledger:
        error = await ledger.ended()
    while isinstance(error, longwire.GaveUp):
        error = error.__cause__  # type: ignore[assignment]  # looked at right below
    assert isinstance(error, longwire.AddressError)
    assert error.kind in {"dns", "timeout"}


async def test_refused_until_somebody_listens(receive: Receive) -> None:
    """Nothing listens at first: the client goes on asking, and is live once something does."""
    async with NumberedFeed() as feed:
        await feed.stop_listening()
        async with receive(feed.url) as ledger:
            with pytest.raises(TimeoutError):
                await ledger.client.wait_live(0.2)
            await feed.listen()
            await feed.link(1)
            feed.emit(2)
            await ledger.reached(1)
            assert ledger.numbers == [0, 1]


async def test_refused_and_no_retry(receive: Receive) -> None:
    """Without retry the refusal is the end."""
    async with NumberedFeed() as feed:
        await feed.stop_listening()
        async with receive(feed.url, retry=None) as ledger:
            error = await ledger.ended()
    while isinstance(error, longwire.GaveUp):
        error = error.__cause__  # type: ignore[assignment]  # looked at right below
    assert isinstance(error, longwire.ConnectError)
    assert error.kind == "refused"


async def test_a_port_that_speaks_no_websocket(receive: Receive) -> None:
    """A listener whose backlog is never accepted: the opening's deadline ends the wait."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/"
        async with receive(url, retry=None, open_timeout=0.2) as ledger:
            error = await ledger.ended()
    while isinstance(error, longwire.GaveUp):
        error = error.__cause__  # type: ignore[assignment]  # looked at right below
    assert isinstance(error, longwire.ConnectError)
    assert error.kind == "timeout"


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        ("expired_tls", "expired"),
        ("wrong_name_tls", "wrong-name"),
        ("self_signed_tls", "self-signed"),
        ("unknown_issuer_tls", "unknown-issuer"),
    ],
)
async def test_at_first_a_bad_certificate_is_an_error(
    receive: Receive,
    request: pytest.FixtureRequest,
    client_tls: ssl.SSLContext,
    server: str,
    problem: str,
) -> None:
    """The error says what is wrong with it, and there is no second attempt."""
    tls = request.getfixturevalue(server)
    async with NumberedFeed(tls=tls) as feed, receive(feed.url, tls=client_tls) as ledger:
        error = await ledger.ended()
        assert isinstance(error, longwire.TLSError)
        assert error.problem == problem
        assert not error.retryable
        assert feed.links == [], "no HTTP request was made"


# aiofastnet reads a certificate by way of a temporary file.
@pytest.mark.blocking
async def test_once_live_a_bad_certificate_is_retried_and_named(
    receive: Receive,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    certificate_authority: Any,
    expired_tls: ssl.SSLContext,
) -> None:
    """The certificate runs out while the link lives: named, retried, and healed by a new one."""
    del certificate_authority
    async with NumberedFeed(tls=server_tls) as feed, receive(feed.url, tls=client_tls) as ledger:
        await feed.link(1)
        feed.emit(2)
        await ledger.reached(1)
        feed.tls = expired_tls
        async with misbehave.outage(feed, misbehave.close_with(1012, "restart")):
            pass
        await ledger.until(lambda: bool(ledger.told and ledger.told[-1].obstacle), "an obstacle")
        told = ledger.told[-1]
        assert told.cause.id == "deploy-restart"
        assert told.evidence.received_code == 1012
        assert told.obstacle is not None
        assert told.obstacle.cause.id == "tls-expiry"
        assert [alert.cause for alert in ledger.client.alerts] == ["tls-expiry"]
        feed.tls = server_tls
        async with misbehave.outage(feed):
            pass
        await feed.link(2)
        feed.emit(2)
        await ledger.reached(3)
        ledger.check(feed)
        (interruption,) = ledger.client.interruptions
        assert (interruption.outcome, interruption.cause.id) == ("recovered", "deploy-restart")
        assert interruption.obstacle is not None
        assert interruption.obstacle.cause.id == "tls-expiry"


# aiofastnet reads a certificate by way of a temporary file.
@pytest.mark.blocking
async def test_cuts_over_tls(
    receive: Receive, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """RST and FIN under TLS lose nothing that arrived, either."""
    async with NumberedFeed(tls=server_tls) as feed, receive(feed.url, tls=client_tls) as ledger:
        for count, cut in enumerate([misbehave.end, misbehave.reset, misbehave.end], start=1):
            link = await feed.link(count)
            feed.emit(5)
            await link.ping()
            cut(link)
        await feed.link(4)
        feed.emit(1)
        await ledger.reached(15)
        ledger.check(feed)
        assert len(ledger.client.interruptions) == 3
