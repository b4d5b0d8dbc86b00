"""What meets a client that comes back, after an earlier link had lived: obstacles and causes.

Many judges want to know whether the same client had been accepted before. So here every client has
a link that lives for more than a second before it is reset, and then the way back is barred.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import longwire
from longwire.testing import NumberedFeed, check_cause, misbehave, openings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from longwire.errors import Blame
    from longwire.testing.ledger import Ledger
    from longwire.testing.rawlink import Opening

    Receive = Callable[..., Ledger]

BEAT = longwire.Heartbeat(every=0.22, within=10.0)
BEATS = 5
"""So many heartbeats are more than a second of life, by the client's own clock."""

RESET = "TCP was reset or given up"


class Named(NamedTuple):
    """What is to be said of the obstacle."""

    cause: str
    blame: Blame
    because: str


def unproved(because: str) -> Named:
    return Named("unknown", "unknown", because)


REJECTED = "The server rejected the opening handshake with HTTP"
NONSENSE = Named(
    "middlebox-interference", "network", "no valid WebSocket handshake, yet an earlier link"
)
GATEWAY = "now a gateway answers HTTP"


def http(status: int, named: Named, **headers: str) -> Any:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return pytest.param(openings.reject(status, fields), named, id="-".join([str(status), *fields]))


REFUSALS = [
    http(401, Named("auth-expired", "local", "HTTP 401")),
    http(403, Named("auth-expired", "local", "HTTP 403, yet it had accepted the same client")),
    http(404, unproved(f"{REJECTED} 404")),
    http(429, Named("provider-quota-violation", "local", "HTTP 429 (too many requests)")),
    http(
        429,
        Named("provider-quota-violation", "local", "asked us to wait 1.0 s"),
        Retry_After="1",
    ),
    http(500, unproved(f"{REJECTED} 500")),
    http(502, Named("deploy-restart", "peer", f"{GATEWAY} 502")),
    http(503, unproved(f"{REJECTED} 503")),
    http(503, unproved("The server asked us to wait 1.0 s"), Retry_After="1"),
    http(504, Named("deploy-restart", "peer", f"{GATEWAY} 504")),
    http(511, Named("middlebox-interference", "network", "HTTP 511")),
]

TOO_LONG = unproved("The opening took longer than open_timeout")

BROKEN = [
    pytest.param(openings.never_answer, TOO_LONG, id="never"),
    pytest.param(openings.drip(0.02), TOO_LONG, id="dripped"),
    pytest.param(openings.end_of_file, unproved("ended during the opening"), id="eof"),
    pytest.param(openings.end_inside_answer, unproved("ended during the opening"), id="eof-inside"),
    pytest.param(openings.reset_instead, unproved("reset during the opening"), id="reset"),
    pytest.param(openings.wrong_accept_key, NONSENSE, id="wrong-key"),
    pytest.param(openings.garbage(), NONSENSE, id="garbage"),
    pytest.param(openings.garbage(b"HTTP/1.1 101 OK\r\n\r\n"), NONSENSE, id="bare-101"),
    pytest.param(
        openings.accept_with({"Sec-WebSocket-Extensions": "x-unknown"}), NONSENSE, id="extension"
    ),
    pytest.param(
        openings.accept_with({"Sec-WebSocket-Protocol": "chat"}), NONSENSE, id="subprotocol"
    ),
]


async def come_to_life(feed: NumberedFeed, ledger: Ledger) -> None:
    """Two numbers, and more than a second of life."""
    link = await feed.link(1)
    feed.emit(2)
    await ledger.reached(1)
    await link.wait_pings(BEATS)


async def come_back(feed: NumberedFeed, ledger: Ledger) -> longwire.Interruption:
    """A second link, more numbers, and all books are right."""
    await feed.link(2)
    feed.emit(3)
    await ledger.reached(feed.next_number - 1)
    ledger.check(feed)
    ledger.check_sum(0)
    await ledger.until(lambda: bool(ledger.recovered), "Recovered")
    (interruption,) = ledger.client.interruptions
    assert interruption.outcome == "recovered"
    return interruption


def check_obstacle(ledger: Ledger, interruption: longwire.Interruption, named: Named) -> None:
    """The reset proved nothing; what stood in the way is the obstacle, and the cause if proved."""
    check_cause(ledger.interrupted[0], "unknown", blame="unknown", because=RESET)
    assert interruption.evidence.end == "reset", "the evidence is that of the beginning"
    assert interruption.obstacle is not None
    assert interruption.obstacle.evidence.end == "never-opened"
    assert max(interruption.obstacle.evidence.earlier_ages) >= 1.0
    check_cause(interruption.obstacle, named.cause, blame=named.blame, because=named.because)
    because = RESET if named.cause == "unknown" else named.because
    check_cause(interruption, named.cause, blame=named.blame, because=because)


def check_told(ledger: Ledger, interruption: longwire.Interruption) -> None:
    """Told when it began, when it was known what stood in the way (if it was), and at its end."""
    obstacle = interruption.obstacle
    assert obstacle is not None
    evidence = obstacle.evidence
    lasting = evidence.failure in {"tls", "handshake"} or evidence.http_status == 404
    told = lasting or obstacle.cause.id != "unknown"
    alerts = [(one.kind, one.cause) for one in ledger.client.alerts]
    assert alerts == ([("still-down", obstacle.cause.id)] if told else [])
    expected = ["pending", *(["pending"] if told else []), "recovered"]
    assert [one.outcome for one in ledger.told] == expected
    assert (ledger.told[-2].obstacle is not None) == told


@pytest.mark.parametrize(("opening", "named"), [*REFUSALS, *BROKEN])
async def test_the_opening_fails(receive: Receive, opening: Opening, named: Named) -> None:
    """Twice, then the server is itself again."""
    async with (
        NumberedFeed() as feed,
        receive(feed.url, heartbeat=BEAT, open_timeout=0.3) as ledger,
    ):
        await come_to_life(feed, ledger)
        feed.openings_once.extend([opening] * 2)
        feed.after(2, misbehave.reset)
        feed.emit(1)
        # By its number: the feed takes a link for live that the client has turned down.
        back = await feed.attempt(4)
        await back.changes.until(lambda: back.ready, what="a link that is ready")
        interruption = await come_back(feed, ledger)
        assert len(feed.links) == 4
        assert interruption.attempts == 3
        check_obstacle(ledger, interruption, named)
        check_told(ledger, interruption)
        obstacle = interruption.obstacle
        assert obstacle is not None
        if obstacle.evidence.retry_after is not None:
            _, first, second, third = (link.accepted_at for link in feed.links)
            assert min(second - first, third - second) >= obstacle.evidence.retry_after * 0.95
        async with asyncio.timeout(10):
            for link in feed.links[:3]:
                await link.wait_ended()


async def test_the_server_is_gone(receive: Receive) -> None:
    """A link that worked is cut, and then nobody listens: that is a restart."""
    async with NumberedFeed() as feed, receive(feed.url, heartbeat=BEAT) as ledger:
        await come_to_life(feed, ledger)
        async with misbehave.outage(feed):
            await barred(ledger, "deploy-restart")
        interruption = await come_back(feed, ledger)
        named = Named(
            "deploy-restart", "peer", "ended from outside (reset), and now the connection"
        )
        check_obstacle(ledger, interruption, named)
        check_told(ledger, interruption)
        assert interruption.obstacle is not None
        assert interruption.obstacle.evidence.failure == "refused"


async def barred(ledger: Ledger, cause: str) -> None:
    """Until it is told what stands in the way."""
    await ledger.until(
        lambda: any(one.obstacle and one.obstacle.cause.id == cause for one in ledger.told),
        f"the obstacle {cause}",
    )


async def test_the_name_is_gone(receive: Receive, names: dict[str, str]) -> None:
    """It resolved, and no longer does: the machine may be offline, or the name taken away."""
    asked = 0
    failed_twice = asyncio.Event()

    def headers() -> dict[str, str]:
        """Asked for at each attempt, so it counts them: once for the first link."""
        nonlocal asked
        asked += 1
        if asked == 4:
            failed_twice.set()
        return {}

    names["feed.test"] = "127.0.0.1"
    async with NumberedFeed() as feed:
        url = feed.url.replace("127.0.0.1", "feed.test")
        async with receive(url, heartbeat=BEAT, headers=headers) as ledger:
            await come_to_life(feed, ledger)
            del names["feed.test"]
            feed.after(2, misbehave.reset)
            feed.emit(1)
            async with asyncio.timeout(10):
                await failed_twice.wait()
            names["feed.test"] = "127.0.0.1"
            interruption = await come_back(feed, ledger)
        check_obstacle(ledger, interruption, unproved("The host name did not resolve"))
        check_told(ledger, interruption)
        assert interruption.obstacle is not None
        assert interruption.obstacle.evidence.failure == "dns"


# aiofastnet reads a certificate by way of a temporary file.
@pytest.mark.blocking
@pytest.mark.parametrize(
    ("server", "problem", "named"),
    [
        ("expired_tls", "expired", Named("tls-expiry", "peer", "has expired")),
        ("wrong_name_tls", "wrong-name", unproved("The TLS handshake failed (wrong-name)")),
        ("self_signed_tls", "self-signed", unproved("The TLS handshake failed (self-signed)")),
        (
            "unknown_issuer_tls",
            "unknown-issuer",
            unproved("The TLS handshake failed (unknown-issuer)"),
        ),
    ],
)
async def test_the_certificate_is_bad(  # noqa: PLR0917 - fixtures
    receive: Receive,
    request: pytest.FixtureRequest,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    server: str,
    problem: str,
    named: Named,
) -> None:
    """It was good, is another one, and becomes good again, all on a port that always listens."""
    bad = request.getfixturevalue(server)
    current = server_tls

    def choose(sock: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        sock.context = current

    server_tls.sni_callback = choose
    async with (
        NumberedFeed(tls=server_tls) as feed,
        receive(feed.url, tls=client_tls, heartbeat=BEAT) as ledger,
    ):
        await come_to_life(feed, ledger)
        current = bad
        feed.after(2, misbehave.reset)
        feed.emit(1)
        await barred(ledger, named.cause)
        current = server_tls
        interruption = await come_back(feed, ledger)
        check_obstacle(ledger, interruption, named)
        check_told(ledger, interruption)
        assert interruption.obstacle is not None
        assert interruption.obstacle.evidence.tls_problem == problem
