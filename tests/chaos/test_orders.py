"""What can be asked of a proxy while it runs."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from longwire.chaos import FAULTS, Proxy
from longwire.chaos.orders import Answer, Order, Orders, Refused
from longwire.chaos.scenario import scenario_names
from longwire.testing import PATIENCE
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.testing import NumberedFeed


@pytest.fixture
async def proxy(feed: NumberedFeed) -> AsyncIterator[Proxy]:
    """A proxy in front of the feed, in which nothing strikes."""
    async with Proxy(feed.url, seed=7) as running:
        yield running


async def ask(proxy: Proxy, method: str, path: str, **body: Any) -> Answer:
    """Ask as HTTP would; what is answered can be JSON."""
    path, _, query = path.partition("?")
    pairs = dict(pair.split("=") for pair in query.split("&") if pair)
    answer = await Orders(proxy).obey(Order(method, path, pairs, body))
    json.dumps(answer.body)
    return answer


async def refused(proxy: Proxy, method: str, path: str, **body: Any) -> tuple[int, str]:
    """Ask for what cannot be: the status, and why."""
    with pytest.raises(Refused) as caught:
        await ask(proxy, method, path, **body)
    answer = caught.value.answer
    assert answer.body == {"error": str(caught.value)}
    return answer.status, str(caught.value)


async def test_the_index_tells_what_there_is(proxy: Proxy) -> None:
    """Where it stands, its seed, and every path with its method."""
    status, body, _ = await ask(proxy, "GET", "/")
    assert status == 200
    assert isinstance(body, dict)
    assert (body["url"], body["to"], body["seed"]) == (proxy.url, str(proxy.to), 7)
    assert "DELETE /strikes/ID" in body["knows"]
    assert "POST /crossings/ID/reset" in body["knows"]


async def test_all_faults_are_told(proxy: Proxy) -> None:
    """By name, with what they are about."""
    _, body, _ = await ask(proxy, "GET", "/faults")
    assert isinstance(body, list)
    assert [one["name"] for one in body] == list(FAULTS)


async def test_a_strike_comes_and_goes(proxy: Proxy, feed: NumberedFeed) -> None:
    """From POST on it strikes, GET shows it, from DELETE on it is over."""
    async with RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        feed.emit(1)
        assert await client.texts(1) == ["0 of the feed"]
        created = await ask(proxy, "POST", "/strikes", fault="mute after='2 messages'")
        assert created == Answer(201, {"id": 1})
        _, body, _ = await ask(proxy, "GET", "/strikes")
        assert isinstance(body, list)
        (shown,) = body
        assert (shown["id"], shown["fault"], shown["after"]) == (1, "mute", "2 messages")
        assert (shown["direction"], shown["crossings"]) == ("s2c", [1, None])
        feed.emit(4)
        await proxy.journal.until("changes", fault="mute", times=2)
        assert await ask(proxy, "DELETE", "/strikes/1") == Answer(204)
        assert (await ask(proxy, "GET", "/strikes")).body == []
        feed.emit(1)
        assert await client.texts(3) == ["1 of the feed", "2 of the feed", "5 of the feed"]


async def test_only_now_spares_those_that_come(proxy: Proxy, feed: NumberedFeed) -> None:
    """The connections there are become deaf, and no later ones."""
    async with RawClient(proxy.url) as first:
        await first.open()
        await ask(proxy, "POST", "/strikes", fault="mute", only_now=True)
        async with RawClient(proxy.url) as second:
            await second.open()
            await feed.live(2)
            feed.emit(1)
            assert await second.texts(1) == ["0 of the feed"]
            await proxy.journal.until("changes", crossing=1)
            assert first.rest() == []


async def test_what_is_no_strike_is_refused(proxy: Proxy) -> None:
    """With what the language of faults says of it; nothing strikes."""
    status, why = await refused(proxy, "POST", "/strikes", fault="rest")
    assert status == 400
    assert "did you mean reset?" in why
    assert await refused(proxy, "POST", "/strikes") == (400, "'fault' is missing")
    assert await refused(proxy, "POST", "/strikes", fault=3) == (400, "'fault' must be text")
    status, why = await refused(proxy, "POST", "/strikes", fault="fin", only_now="yes")
    assert (status, why) == (400, "'only_now' must be true or false")
    status, why = await refused(proxy, "POST", "/strikes", fault="fin", when="now")
    assert (status, why) == (400, "nobody knows what 'when' is; there are fault, only_now")
    assert proxy.strikes == {}


async def test_what_is_not_there_is_404(proxy: Proxy) -> None:
    """A strike, a connection, a path."""
    assert (await refused(proxy, "DELETE", "/strikes/4"))[0] == 404
    assert (await refused(proxy, "POST", "/crossings/1/reset"))[0] == 404
    assert (await refused(proxy, "GET", "/nothing"))[0] == 404
    assert (await refused(proxy, "GET", "/strikes/4/"))[0] == 404


async def test_another_method_is_405(proxy: Proxy) -> None:
    """The answer says which there are."""
    with pytest.raises(Refused) as caught:
        await ask(proxy, "PUT", "/strikes")
    assert (caught.value.answer.status, caught.value.answer.allow) == (405, "GET, POST")


async def test_connections_are_told_and_reset(proxy: Proxy, feed: NumberedFeed) -> None:
    """The one that is named is reset, the other lives on."""
    async with RawClient(proxy.url) as first, RawClient(proxy.url) as second:
        await first.open()
        await second.open()
        await feed.live(2)
        feed.emit(3)
        await first.frames(3)
        await second.frames(3)
        _, body, _ = await ask(proxy, "GET", "/crossings")
        assert isinstance(body, list)
        assert [one["id"] for one in body] == [1, 2]
        assert body[0]["live"]
        assert body[0]["messages"] == {"c2s": 0, "s2c": 3}
        assert await ask(proxy, "POST", "/crossings/1/reset") == Answer(204)
        assert await first.ending() == "reset"
        await proxy.journal.until("over", crossing=1)
        told = [one["action"] for one in proxy.journal if one.get("crossing") == 1]
        assert told[-2:] == ["resets", "over"]
        feed.emit(1)
        assert await second.texts(1) == ["3 of the feed"]


async def test_the_journal_comes_in_pages(proxy: Proxy) -> None:
    """Each begins behind the last moment of the one before; nothing is told twice or missing."""
    for number in range(10):
        proxy.journal.tell("noted", number=number)
        await asyncio.sleep(0)
    told: list[Any] = []
    since = -1.0
    while page := (await ask(proxy, "GET", f"/journal?since={since}&limit=3")).body:
        assert isinstance(page, list)
        told += page
        since = page[-1]["t"]
    assert told == list(proxy.journal)
    assert (await ask(proxy, "GET", "/journal")).body == told
    assert (await refused(proxy, "GET", "/journal?since=now"))[1] == "since must be a number"
    assert (await refused(proxy, "GET", "/journal?limit=0"))[0] == 400


async def test_a_scenario_begins(proxy: Proxy) -> None:
    """It is played from now on, as fast as is asked."""
    status, body, _ = await ask(proxy, "POST", "/scenario", name="deploy", speed=100)
    assert status == 202
    assert body == {"name": "deploy", "seconds": pytest.approx(0.1)}
    async with asyncio.timeout(PATIENCE):
        await proxy.journal.until("strikes", fault="refuse")
    assert proxy.journal.find("begins", scenario="deploy")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"name": "/etc/passwd"}, "no scenario is called '/etc/passwd'"),
        ({"name": "deploy", "speed": 0}, "positive factor"),
        ({"name": "deploy", "speed": "fast"}, "'speed' must be a number"),
        ({"name": "deploy", "speed": True}, "'speed' must be a number"),
        ({}, "'name' is missing"),
    ],
)
async def test_what_is_no_scenario_is_refused(proxy: Proxy, body: dict[str, Any], why: str) -> None:
    """Files are none, either: who gives orders here may not read the disk."""
    status, told = await refused(proxy, "POST", "/scenario", **body)
    assert status == 400
    assert why in told


async def test_every_shipped_scenario_can_be_asked_for(proxy: Proxy) -> None:
    """By its name."""
    for name in await asyncio.to_thread(scenario_names):
        assert (await ask(proxy, "POST", "/scenario", name=name)).status == 202
