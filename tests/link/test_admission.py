"""Who may come in: by number, by address, by speed."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import HandshakeRejected
from longwire.link import admission as module
from longwire.link.admission import Admission, Openings, address_key
from longwire.link.dial import dial
from longwire.link.listen import serve

if TYPE_CHECKING:
    from longwire.link.base import Link

FOUR = ("192.0.2.1", 1000)
OTHER = ("192.0.2.2", 1000)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def admission(clock: Clock | None = None, **limits: int) -> Admission:
    """One with these limits and no others."""
    none: dict[str, Any] = {"connections": None, "per_address": None, "openings_per_address": None}
    return Admission(**{**none, **limits}, clock=clock or Clock())


def status(door: Admission, address: object = FOUR) -> int | None:
    """What a connection is told: 0, come in; None, nothing."""
    ticket = door.admit(address)
    if ticket is None:
        return None
    return ticket.refusal.status if ticket.refusal else 0


async def linger(link: Link) -> None:
    """Wait until the client goes."""
    await link.wait_closed()


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (("192.0.2.1", 80), "192.0.2.1"),
        (("::ffff:192.0.2.1", 80, 0, 0), "192.0.2.1"),
        (("2001:db8:1:2:3:4:5:6", 80, 0, 0), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::", 80, 0, 0), "2001:db8:1:2::/64"),
        (("2001:db8:1:3::1", 80, 0, 0), "2001:db8:1:3::/64"),
        (("fe80::1%eth0", 80, 0, 2), "fe80::/64"),
        (("::1", 80, 0, 0), "::/64"),
        ("", None),
        (b"\0name", None),
        (None, None),
        (("no-address", 80), None),
    ],
)
def test_what_counts_as_one_address(address: object, key: str | None) -> None:
    """IPv4 by itself, IPv6 by its first 64 bits, a Unix socket not at all."""
    assert address_key(address) == key


def test_no_limits() -> None:
    """Then all come in, and no address is remembered."""
    door = admission()
    assert {status(door) for _ in range(10_000)} == {0}
    assert not door._by_address


def test_connections_from_one_address() -> None:
    """One too many is told 429, others come in, and a place that is free is given again."""
    door = admission(per_address=2)
    first = door.admit(FOUR)
    assert first is not None
    assert [status(door), status(door), status(door, OTHER)] == [0, 429, 0]
    door.leave(first)
    assert [status(door), status(door)] == [0, 429]


def test_addresses_are_forgotten() -> None:
    """What is remembered of an address goes with its last connection."""
    door = admission(per_address=2)
    tickets = [door.admit((f"192.0.2.{number}", 1)) for number in range(100)]
    tickets += [door.admit(FOUR), door.admit(FOUR), door.admit(FOUR)]
    for ticket in tickets:
        assert ticket is not None
        door.leave(ticket)
    assert not door._by_address


def test_the_whole_server_comes_first() -> None:
    """503 where there is no place for anybody; who is turned away takes none."""
    door = admission(connections=1, per_address=1)
    first = door.admit(FOUR)
    assert first is not None
    assert [status(door), status(door, OTHER)] == [503, 503]
    door.leave(first)
    assert [status(door), status(door)] == [0, 503]


def test_only_so_many_are_told() -> None:
    """Of a crowd over the limit only some are answered at a time; the rest costs nothing."""
    door = admission(connections=1)
    assert status(door) == 0
    told = [door.admit(FOUR) for _ in range(module.TURNED_AWAY)]
    assert all(told)
    assert door.admit(OTHER) is None
    assert told[0] is not None
    door.leave(told[0])
    assert status(door) == 503


def test_openings_of_one_address() -> None:
    """As many as are allowed in a minute at once; then one each time that its share has passed."""
    clock = Clock()
    door = admission(clock, openings_per_address=60)
    assert [status(door) for _ in range(60)] == [0] * 60
    refused = door.admit(FOUR)
    assert refused is not None
    assert refused.refusal is not None
    assert refused.refusal.status == 429
    assert refused.refusal.headers["retry-after"] == "1"
    assert status(door, OTHER) == 0
    clock.now += 1.0
    assert [status(door), status(door)] == [0, 429]
    clock.now += 60.0
    assert [status(door) for _ in range(61)] == [0] * 60 + [429]


@pytest.mark.parametrize("most", [1, 3, 7, 1000])
def test_every_rate_lets_in_what_it_says(most: int) -> None:
    """No rounding takes one away or gives one more, and a refused opening costs nothing."""
    openings = Openings(most)
    for now in (0.0, 1e6, 1e9 / 3):
        assert [openings.wait("a", now) for _ in range(most)] == [0.0] * most
        waits = [openings.wait("a", now) for _ in range(5)]
        assert waits == [pytest.approx(60 / most, rel=1e-3)] * 5
        assert openings.wait("a", now + waits[0] + 1e-6) == 0.0


def test_openings_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a flood from ever new addresses only so many are remembered; and none for ever."""
    monkeypatch.setattr(module, "MOST_ADDRESSES", 100)
    openings = Openings(5)
    for number in range(10_000):
        assert not openings.wait(str(number), 0.0)
    assert len(openings._forgiven) == 100
    for number in range(60):
        openings.wait(str(number), 1000.0)
    assert len(openings._forgiven) == 60


def test_the_log_does_not_grow(caplog: pytest.LogCaptureFixture) -> None:
    """However many addresses are over their limits, it is said once a minute."""
    clock = Clock()
    door = admission(clock, per_address=1, openings_per_address=100)
    caplog.set_level(logging.WARNING)
    for second in range(62):
        clock.now = 1000.0 + second
        for number in range(50):
            door.admit((f"192.0.2.{number}", 1))
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "192.0.2.0 has 1 connections open: more are turned away",
        "192.0.2.0 has 1 connections open: more are turned away",
    ]


def test_the_log_does_not_grow_with_who_comes_and_goes(caplog: pytest.LogCaptureFixture) -> None:
    """Who takes the last place, and leaves it, again and again, cannot fill it either."""
    clock = Clock()
    door = admission(clock, connections=1)
    caplog.set_level(logging.WARNING)
    for _ in range(50):
        last, other = door.admit(None), door.admit(None)
        assert last is not None
        assert other is not None
        door.leave(last)
        door.leave(other)
    assert len(caplog.records) == 1
    clock.now += 60
    door.admit(None)
    door.admit(None)
    assert len(caplog.records) == 2


# ---------------------------------------------------------------- on a server


async def rejected(url: str) -> HandshakeRejected:
    with pytest.raises(HandshakeRejected) as caught:
        await dial(url)
    return caught.value


@pytest.mark.both_loops
async def test_a_server_with_places_for_each_address(engine: str, until: Any) -> None:
    """The third link from here is told 429 and why; when one has gone there is place again."""
    async with serve(linger, "127.0.0.1", 0, max_connections_per_address=2) as server:
        url = f"ws://127.0.0.1:{server.port}/"
        one, other = await dial(url), await dial(url)
        for _ in range(3):
            error = await rejected(url)
            assert (error.status, error.body) == (
                429,
                b"your address has too many connections open\n",
            )
        await one.close()
        await until(lambda: len(server._connections) == 1)
        third = await dial(url)
        await third.close()
        await other.close()


async def test_half_open_connections_count(until: Any) -> None:
    """An address cannot keep more than its places by never asking for anything."""
    async with serve(linger, "127.0.0.1", 0, max_connections_per_address=2) as server:
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2)]
        await until(lambda: len(server._connections) == 2)
        assert (await rejected(f"ws://127.0.0.1:{server.port}/")).status == 429
        for one in silent:
            one.close()


async def test_a_server_that_minds_the_pace() -> None:
    """Two links in a minute, then 429, which says when to come back."""
    async with serve(linger, "127.0.0.1", 0, max_openings_per_address=2) as server:
        url = f"ws://127.0.0.1:{server.port}/"
        for _ in range(2):
            link = await dial(url)
            await link.close()
        error = await rejected(url)
        assert error.status == 429
        assert error.retryable
        assert 0 < int(error.headers["retry-after"]) <= 30


async def test_a_unix_socket_has_no_address(tmp_path: Any) -> None:
    """So no limit for each of them holds there."""
    path = str(tmp_path / "socket")
    async with serve(linger, path=path, max_connections_per_address=1) as server:
        clients = [await asyncio.open_unix_connection(path) for _ in range(3)]
        for _, writer in clients:
            writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        for reader, writer in clients:
            assert (await reader.readline()).startswith(b"HTTP/1.1 426 ")
            writer.close()
            await writer.wait_closed()
        assert server.links == ()


@pytest.mark.parametrize(
    "name", ["max_connections", "max_connections_per_address", "max_openings_per_address"]
)
@pytest.mark.parametrize(
    ("value", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_limits_that_make_no_sense(name: str, value: Any, error: type[Exception]) -> None:
    """Found when the server is made; the error names the argument."""
    arguments: Any = {name: value}
    with pytest.raises(error, match=f"{name} "):
        serve(linger, **arguments)
