"""No secret of the user's gets into what a client says: errors, alerts, log, names, evidence."""

from __future__ import annotations

import itertools
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import NumberedFeed, openings
from tests.proxies import ProxyServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.proxies import Kind

    Handler = Callable[[Any], Awaitable[None]]

SECRET = "S3CRET"
MESSAGE = '{"key": "S3CRET"}'
"""A subscription as many servers want it: with the credential in it."""

QUICK = longwire.Retry(first=0.01, cap=0.02, attempts=3)


def failing(*_: Any, **__: Any) -> Any:
    """A function of the user's whose failure quotes the credential."""
    raise RuntimeError(f"GET https://auth.example/?token={SECRET} failed")


def failing_later(first: Any) -> Any:
    """The same, but its first answer is good."""
    calls = itertools.count()
    return lambda: failing() if next(calls) else first


async def until_closed(link: Any) -> None:
    """Read to the end, however it comes."""
    try:
        async for _ in link:
            pass
    except longwire.LinkClosed:
        return


async def data_then_restart(link: Any) -> None:
    """One message, then a close frame."""
    await link.recv()
    await link.send("1")
    await link.close(1012)


async def refuse(link: Any) -> None:
    """Say no to the subscription."""
    await link.recv()
    await link.send("denied")
    await until_closed(link)


def data_then_refuse() -> Handler:
    """Data on the first link, no to the subscription on the others."""
    links = itertools.count()

    async def handler(link: Any) -> None:
        await (refuse(link) if next(links) else data_then_restart(link))

    return handler


async def numbers(link: Any) -> None:
    """Numbers with a gap, and what is no number."""
    await link.recv()
    for message in ("1", MESSAGE, "2", "5", "6"):
        await link.send(message)
    await link.ping()
    await link.close(4000)


@dataclass
class Case:
    """A server, and options that go wrong there."""

    handler: Handler
    options: dict[str, Any] = field(default_factory=dict)


def subscription(**predicates: Any) -> dict[str, Any]:
    """The subscription without a name."""
    return {"subscribe": [longwire.Subscription(MESSAGE, **predicates)]}


def denied(message: Any) -> bool:
    """Whether the server refuses."""
    return bool(message == "denied")


CASES = {
    "headers function": lambda: Case(data_then_restart, {"headers": failing}),
    "subscribe function": lambda: Case(data_then_restart, {"subscribe": failing}),
    "headers function later": lambda: Case(
        data_then_restart, {"headers": failing_later({"Authorization": SECRET})}
    ),
    "subscribe function later": lambda: Case(
        data_then_restart, {"subscribe": failing_later([MESSAGE])}
    ),
    "predicate": lambda: Case(data_then_restart, subscription(is_ack=failing)),
    "refused at first": lambda: Case(refuse, subscription(is_refusal=denied)),
    "refused later": lambda: Case(
        data_then_refuse(), subscription(is_refusal=denied, matches=lambda _: True)
    ),
    "retryable": lambda: Case(
        data_then_restart, {"headers": failing, "retry": longwire.Retry(retryable=failing)}
    ),
    "retryable later": lambda: Case(
        data_then_restart, {"retry": longwire.Retry(first=0.01, retryable=failing)}
    ),
    "number": lambda: Case(numbers, {"sequence": longwire.Sequence(failing), "retry": None}),
    "refill": lambda: Case(
        numbers, {"sequence": longwire.Sequence(int, refill=failing), "retry": None}
    ),
    "key": lambda: Case(
        numbers,
        {"inbox": longwire.Inbox(messages=2, when_full="conflate", key=failing), "retry": None},
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_nothing_that_a_client_says_holds_a_secret(
    serving: Any, isolate: bool, within: Any, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    """Whichever of the user's functions quotes one, and whatever is refused."""
    caplog.set_level(logging.DEBUG, logger="longwire")
    made = CASES[case]()
    options = {
        "headers": {"Authorization": SECRET},
        "subscribe": [MESSAGE],
        "retry": QUICK,
        **made.options,
    }
    async with serving(made.handler) as url, within():
        client = longwire.connect(secretive(url), isolate=isolate, **options)
        async with client:
            said = [repr(client), *await live_to_the_end(client)]
    check([*said, *told(client), *logged(caplog)])


@pytest.mark.parametrize("isolated", [True, False])
async def test_a_redirect_with_secrets(
    within: Any, caplog: pytest.LogCaptureFixture, isolated: bool
) -> None:
    """Neither what was asked for nor where it led to is told with its secrets."""
    caplog.set_level(logging.DEBUG, logger="longwire")
    target = {"Location": f"https://u:{SECRET}@other.example:x/?t={SECRET}"}
    async with NumberedFeed(opening=openings.reject(302, target)) as feed, within():
        async with longwire.connect(secretive(feed.url), isolate=isolated, retry=QUICK) as client:
            said = await live_to_the_end(client)
    check([*said, *told(client), *logged(caplog)])


PROXIES: dict[str, tuple[Kind, dict[str, Any]]] = {
    "does not reach the server": ("http", {"refuse": 502}),
    "wants another user": ("http", {"userinfo": ("eve", "x")}),
    "is none": ("http", {"raw": b"x"}),
    "does not allow it": ("socks5", {"refuse": 2}),
    "wants another SOCKS user": ("socks5", {"userinfo": ("eve", "x")}),
    "goes away": ("socks5", {"raw": b""}),
}


@pytest.mark.parametrize("by", ["option", "environment"])
@pytest.mark.parametrize("proxy", PROXIES)
async def test_a_proxy_with_secrets(
    within: Any, caplog: pytest.LogCaptureFixture, monkeypatch: Any, by: str, proxy: str
) -> None:
    """The proxy's password is not told, whoever named the proxy and whatever goes wrong there."""
    caplog.set_level(logging.DEBUG, logger="longwire")
    kind, options = PROXIES[proxy]
    async with ProxyServer(kind, **options) as server, within():
        url = server.url(userinfo=f"bob:{SECRET}@")
        if by == "environment":
            monkeypatch.setenv("all_proxy", url)
        way: Any = True if by == "environment" else url
        async with longwire.connect("ws://127.0.0.1:1/", retry=QUICK, proxy=way) as client:
            said = [repr(client), *await live_to_the_end(client)]
    check([*said, *told(client), *logged(caplog)])


def secretive(url: str) -> str:
    """The address with a secret wherever one may be."""
    return url.replace("ws://", f"ws://user:{SECRET}@") + f"?token={SECRET}&{SECRET}"


async def live_to_the_end(client: longwire.Client) -> list[str]:
    """Receive until the client ends by itself; what its names and its error say."""
    said: list[str] = []
    try:
        while True:
            await client.recv()
            said += client.stats().data_ages
    except longwire.LongwireError as error:
        behind: BaseException | None = error
        while isinstance(behind, longwire.LongwireError):
            said += [str(behind), repr(behind)]
            behind = behind.__cause__
        return said


def told(client: longwire.Client) -> Iterator[str]:
    """What can be asked of it afterwards."""
    yield from (alert.text for alert in client.alerts)
    for one in client.interruptions:
        yield from (str(one), one.evidence.error, *one.reasons)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What it logged, the extra fields among it."""
    records = [record for record in caplog.records if record.name.startswith("longwire")]
    assert records
    return [caplog.text, *(str(vars(record)) for record in records)]


def check(said: list[str]) -> None:
    """No secret in it."""
    assert [text for text in said if SECRET in text] == []
