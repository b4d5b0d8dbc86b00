"""From a name to a socket: several addresses, slow ones, dead ones, and cancellation."""

from __future__ import annotations

import asyncio
import errno
import gc
import socket
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import ConnectError
from longwire.link.connecting import connect_tcp, connect_unix, first_address
from longwire.link.tcp import Tcp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

HOST = "several.example"


class Net:
    """A resolver and a connect that do as they are told, over real sockets."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.tried: list[str] = []
        self.addresses: list[tuple[Any, ...]] = []
        self.sockets: list[socket.socket] = []
        self.behaviour: dict[str, OSError | asyncio.Event | None] = {}
        self.found: list[tuple[int, str]] = []

    def knows(self, *addresses: str) -> None:
        """What the resolver answers, in order."""
        self.found = [(socket.AF_INET6 if ":" in one else socket.AF_INET, one) for one in addresses]

    async def getaddrinfo(
        self, host: str, port: int, *, family: int = 0, **_options: Any
    ) -> list[Any]:
        assert host == HOST
        return [
            (kind, socket.SOCK_STREAM, 6, "", (one, port, 0, 0) if ":" in one else (one, port))
            for kind, one in self.found
            if family in (socket.AF_UNSPEC, kind)
        ]

    async def sock_connect(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        name = address[0]
        self.tried.append(name)
        self.addresses.append(address)
        self.sockets.append(sock)
        behaviour = self.behaviour.get(name)
        if isinstance(behaviour, OSError):
            raise behaviour
        if behaviour is not None:
            await behaviour.wait()


@pytest.fixture
async def net(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Net]:
    """The running loop's network, replaced."""
    net = Net(80)
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "getaddrinfo", net.getaddrinfo)
    monkeypatch.setattr(loop, "sock_connect", net.sock_connect)
    yield net
    gc.collect()


async def connect(delay: float | None = 0.01, **options: Any) -> socket.socket:
    tcp = Tcp(delay=delay, **options)
    return await connect_tcp(HOST, 80, loop=asyncio.get_running_loop(), tcp=tcp)


def refused() -> OSError:
    return ConnectionRefusedError(errno.ECONNREFUSED, "refused")


def no_network() -> OSError:
    return OSError(errno.ENETUNREACH, "unreachable")


@pytest.mark.both_loops
async def test_connects_to_an_address(mute: Any) -> None:
    """An address needs no resolver; the socket is non-blocking and sends at once."""
    with await connect_tcp("127.0.0.1", mute.port, loop=asyncio.get_running_loop()) as sock:
        assert sock.getblocking() is False
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getpeername() == ("127.0.0.1", mute.port)
        await mute.came()
    await mute.all_gone()


@pytest.mark.both_loops
async def test_connects_to_a_name(mute: Any) -> None:
    """A name with two addresses, of which one may be deaf."""
    with await connect_tcp("localhost", mute.port, loop=asyncio.get_running_loop()):
        await mute.came()
    await mute.all_gone()


@pytest.mark.parametrize(
    ("host", "family"), [("::1", socket.AF_INET6), ("127.0.0.1", socket.AF_INET)]
)
async def test_addresses_are_not_resolved(net: Net, host: str, family: int) -> None:
    """Neither family of addresses asks the resolver."""
    with await connect_tcp(host, 80, loop=asyncio.get_running_loop()) as sock:
        assert sock.family == family


@pytest.mark.parametrize("by", ["name", "number"])
async def test_addresses_with_a_zone_are_not_resolved(net: Net, by: str) -> None:
    """A zone goes along as a number, as uvloop's resolver would lose it."""
    number, name = socket.if_nameindex()[0]
    zone = name if by == "name" else number
    with await connect_tcp(f"fe80::1%{zone}", 80, loop=asyncio.get_running_loop()):
        assert net.addresses == [("fe80::1", 80, 0, number)]


async def test_a_zone_that_is_not_there(net: Net) -> None:
    """It means nothing on this machine, perhaps for the moment."""
    with pytest.raises(socket.gaierror, match="no interface nowhere"):
        await connect_tcp("fe80::1%nowhere", 80, loop=asyncio.get_running_loop())
    assert not net.tried


@pytest.mark.both_loops
async def test_an_address_with_a_zone_that_refuses(link_local: str) -> None:
    """The error is that of any other address, on each loop."""
    with pytest.raises(ConnectionRefusedError):
        await connect_tcp(link_local, 1, loop=asyncio.get_running_loop())


@pytest.mark.both_loops
async def test_cancelled_on_the_way_to_an_address_with_a_zone(
    link_local: str, full_queue: Any
) -> None:
    """The socket is closed, and nobody watches it any more."""
    address, _, zone = link_local.partition("%")
    with full_queue(address, scope=socket.if_nametoindex(zone)) as port:
        task = asyncio.create_task(connect_tcp(link_local, port, loop=asyncio.get_running_loop()))
        for _ in range(10):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gc.collect()


async def test_families_take_turns(net: Net) -> None:
    """The next address is of the other family, however the resolver sorted them."""
    net.knows("::1", "::2", "::3", "127.0.0.1", "127.0.0.2", "::1")
    net.behaviour = {one: refused() for _, one in net.found}
    with pytest.raises(ConnectionRefusedError):
        await connect()
    assert net.tried == ["::1", "127.0.0.1", "::2", "127.0.0.2", "::3"]
    assert all(sock.fileno() == -1 for sock in net.sockets)


@pytest.mark.parametrize("delay", [600.0, None])
async def test_a_failure_starts_the_next_at_once(net: Net, delay: float | None) -> None:
    """Nobody waits for an address that has said no."""
    net.knows("::1", "127.0.0.1")
    net.behaviour = {"::1": refused()}
    with await connect(delay) as sock:
        assert sock.family == socket.AF_INET


async def test_a_slow_address_does_not_hold_up_the_others(net: Net) -> None:
    """After a moment the next one is tried beside it, and the slow one's socket is closed."""
    net.knows("::1", "127.0.0.1")
    net.behaviour = {"::1": asyncio.Event()}
    with await connect() as sock:
        assert sock.family == socket.AF_INET
        assert net.sockets[0].fileno() == -1


async def test_a_slow_address_may_still_win(net: Net, until: Any) -> None:
    """The first stays in the race when the second has begun."""
    gate = asyncio.Event()
    net.knows("::1", "127.0.0.1")
    net.behaviour = {"::1": gate, "127.0.0.1": asyncio.Event()}
    racing = asyncio.create_task(connect())
    await until(lambda: len(net.tried) == 2)
    gate.set()
    with await racing as sock:
        assert sock.family == socket.AF_INET6
        assert net.sockets[1].fileno() == -1


async def test_both_win_in_the_same_turn(net: Net, until: Any) -> None:
    """Of two that connect at the same time one is kept, and the other is closed."""
    gate = asyncio.Event()
    net.knows("::1", "127.0.0.1")
    net.behaviour = {"::1": gate, "127.0.0.1": gate}
    racing = asyncio.create_task(connect())
    await until(lambda: len(net.tried) == 2)
    gate.set()
    with await racing as sock:
        assert [one.fileno() == -1 for one in net.sockets] == [
            one is not sock for one in net.sockets
        ]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (no_network, refused, errno.ECONNREFUSED),
        (refused, no_network, errno.ECONNREFUSED),
        (no_network, no_network, errno.ENETUNREACH),
    ],
)
async def test_the_most_telling_error_is_raised(
    net: Net, first: Callable[[], OSError], second: Callable[[], OSError], told: int
) -> None:
    """A family that is not there at all explains nothing while the other one was refused."""
    net.knows("::1", "127.0.0.1")
    net.behaviour = {"::1": first(), "127.0.0.1": second()}
    with pytest.raises(OSError) as caught:
        await connect()
    assert caught.value.errno == told


async def test_no_address(net: Net) -> None:
    """A name without addresses does not resolve."""
    with pytest.raises(socket.gaierror):
        await connect()


async def test_a_surprise_is_not_swallowed(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no OSError ends the race, and closes the others."""

    async def broken(sock: socket.socket, address: tuple[Any, ...]) -> None:
        if ":" not in address[0]:
            raise RuntimeError
        await net.sock_connect(sock, address)

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", broken)
    net.knows("::1", "127.0.0.1")
    net.behaviour = {"::1": asyncio.Event()}
    with pytest.raises(RuntimeError):
        await connect()
    assert all(sock.fileno() == -1 for sock in net.sockets)


@pytest.mark.parametrize("turns", range(12))
async def test_cancelled_in_any_turn(net: Net, until: Any, turns: int) -> None:
    """Also in the turn in which one has connected, and twice: every socket is closed."""
    net.knows("::1", "127.0.0.1")
    gate = asyncio.Event()
    net.behaviour = {"::1": gate, "127.0.0.1": gate}
    racing = asyncio.create_task(connect())
    await until(lambda: len(net.tried) == 2)
    gate.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    racing.cancel()
    await asyncio.sleep(0)
    racing.cancel()
    try:
        (await racing).close()
    except asyncio.CancelledError:
        # The tasks of the race are on their way out.
        for _ in range(5):
            await asyncio.sleep(0)
    assert all(sock.fileno() == -1 for sock in net.sockets)


async def test_one_address_after_the_other(net: Net, until: Any) -> None:
    """Without a delay the next is not begun while one may still connect."""
    gate = asyncio.Event()
    net.knows("::1", "127.0.0.1")
    net.behaviour = {"::1": gate}
    connecting = asyncio.create_task(connect(None))
    await until(lambda: net.tried)
    for _ in range(20):
        await asyncio.sleep(0)
    assert net.tried == ["::1"]
    gate.set()
    with await connecting as sock:
        assert sock.family == socket.AF_INET6


# ---------------------------------------------------------------- where from, and with what


@pytest.mark.both_loops
async def test_connects_from_an_address_of_this_machine(mute: Any) -> None:
    """The other side sees it."""
    tcp = Tcp(local_address="127.0.0.2")
    loop = asyncio.get_running_loop()
    with await connect_tcp("127.0.0.1", mute.port, loop=loop, tcp=tcp) as sock:
        assert sock.getsockname()[0] == "127.0.0.2"
        await mute.came()
    await mute.all_gone()


@pytest.mark.parametrize("several", [False, True])
async def test_an_address_that_this_machine_does_not_have(net: Net, several: bool) -> None:
    """Said in these words, and worth another try: its interface may come up again."""
    net.knows("127.0.0.1", *(["127.0.0.2"] if several else []))
    with pytest.raises(ConnectError, match=r"cannot connect from 192\.0\.2\.1") as caught:
        await connect(local_address="192.0.2.1")
    assert (caught.value.kind, caught.value.retryable) == ("local", True)
    assert not net.tried


async def test_only_addresses_of_the_same_family(net: Net) -> None:
    """From an IPv4 address there is no way to an IPv6 one."""
    net.knows("::1", "127.0.0.1", "127.0.0.3")
    with await connect(local_address="127.0.0.2"):
        assert net.tried == ["127.0.0.1"]
    loop = asyncio.get_running_loop()
    with pytest.raises(socket.gaierror, match="family"):
        await connect_tcp("::1", 80, loop=loop, tcp=Tcp(local_address="127.0.0.2"))


async def test_options_are_set_before_it_connects(net: Net) -> None:
    """So that they hold from the first packet on."""
    net.knows("127.0.0.1")
    with await connect(keepalive_idle=7) as sock:
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


async def test_the_first_address(net: Net) -> None:
    """The resolver's favourite, of a family if one is wanted."""
    net.knows("::1", "127.0.0.1")
    loop = asyncio.get_running_loop()
    assert await first_address(HOST, 80, family=socket.AF_UNSPEC, loop=loop) == "::1"
    assert await first_address(HOST, 80, family=socket.AF_INET, loop=loop) == "127.0.0.1"


# ---------------------------------------------------------------- Unix sockets


def test_connects_to_a_unix_socket(tmp_path: Path) -> None:
    """The socket is non-blocking."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        with connect_unix(str(tmp_path / "s")) as sock:
            assert sock.getblocking() is False
            assert sock.getpeername() == str(tmp_path / "s")


def test_a_unix_socket_that_nobody_listens_on(tmp_path: Path) -> None:
    """Whether there is nothing, an old file, or a listener that has no room."""
    with pytest.raises(FileNotFoundError):
        connect_unix(str(tmp_path / "s"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        with pytest.raises(ConnectionRefusedError):
            connect_unix(str(tmp_path / "s"))
        listener.listen(0)
        with connect_unix(str(tmp_path / "s")), pytest.raises(ConnectionRefusedError):
            connect_unix(str(tmp_path / "s"))
    gc.collect()
