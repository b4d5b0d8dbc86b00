"""No way to the peer: names without an address, ports that refuse, certificates that do not fit."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import NumberedFeed, check_cause, misbehave

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]

REFUSED = "The connection was refused: nothing listens there, or a firewall says so"


async def first_failure(ledger: Ledger) -> longwire.ConnectError:
    """What ended a client that may not retry: the bare error, and no interruption."""
    error = await ledger.ended()
    assert isinstance(error, longwire.ConnectError)
    assert ledger.told == []
    return error


async def test_dns_failure(receive: Receive, names: dict[str, str]) -> None:
    """A name that does not resolve is told as such."""
    assert names == {}
    async with receive("ws://no-such-host.invalid/feed", retry=None) as ledger:
        error = await first_failure(ledger)
    assert isinstance(error, longwire.AddressError)
    assert (error.kind, error.blame) == ("dns", "unknown")


async def test_a_name_that_resolves_later(receive: Receive, names: dict[str, str]) -> None:
    """A machine that boots has no network yet: the client goes on asking."""
    async with NumberedFeed() as feed:
        async with receive(feed.url.replace("127.0.0.1", "feed.test")) as ledger:
            await ledger.until(lambda: bool(ledger.interrupted), "Interrupted")
            names["feed.test"] = "127.0.0.1"
            await feed.link(1)
            feed.emit(2)
            await ledger.reached(1)
            ledger.check(feed)
            ledger.check_sum(0, 1)
            (interruption,) = ledger.client.interruptions
        check_cause(
            interruption, "unknown", blame="unknown", because="The host name did not resolve"
        )
        assert interruption.evidence.failure == "dns"


async def test_refused_until_somebody_listens(receive: Receive) -> None:
    """Nothing listens at first: the client goes on asking, and is live once something does."""
    async with NumberedFeed() as feed:
        await feed.stop_listening()
        async with receive(feed.url) as ledger:
            await ledger.until(lambda: bool(ledger.interrupted), "Interrupted")
            await feed.listen()
            await feed.link(1)
            feed.emit(2)
            await ledger.reached(1)
            ledger.check(feed)
            ledger.check_sum(0, 1)
            (interruption,) = ledger.client.interruptions
    # No link had lived before, so it need not be a restart.
    check_cause(interruption, "unknown", blame="unknown", because=REFUSED)
    assert interruption.evidence.failure == "refused"


async def test_refused_and_no_retry(receive: Receive) -> None:
    """Without retry the refusal is the end."""
    async with NumberedFeed() as feed:
        await feed.stop_listening()
        async with receive(feed.url, retry=None) as ledger:
            error = await first_failure(ledger)
    assert (error.kind, error.blame) == ("refused", "peer")


async def test_a_port_that_speaks_no_websocket(receive: Receive) -> None:
    """A listener whose backlog is never accepted: the opening's deadline ends the wait."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/"
        async with receive(url, retry=None, open_timeout=0.2) as ledger:
            error = await first_failure(ledger)
    assert (error.kind, error.blame) == ("timeout", "unknown")


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
        assert error.blame == "peer"
        assert not error.retryable
        assert ledger.told == [], "a client that never was live has nothing to be interrupted"
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
        check_cause(told, "deploy-restart", blame="peer", because='saying "restart"')
        assert told.evidence.received_code == 1012
        assert told.obstacle is not None
        check_cause(told.obstacle, "tls-expiry", blame="peer", because="has expired")
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
        for interruption, how in zip(
            ledger.client.interruptions, ["ended from outside", "reset", "ended from"], strict=True
        ):
            check_cause(interruption, "unknown", blame="unknown", because=f"TCP was {how}")
