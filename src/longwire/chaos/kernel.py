"""Faults that only a kernel can make: packets that are really lost, late, doubled or turned around.

A proxy cannot lose a packet, for TCP ends at it. `KernelPath` makes a network namespace of its own,
and a pair of virtual interfaces that leads there; a server that listens inside is reached through
them, by its address, as any other. On Linux, as root or inside a user namespace
(``unshare --user --map-root-user --net``). Nothing of the machine's own network is changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import ipaddress
import os
import secrets
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from longwire.chaos.netem import netem_arguments

if TYPE_CHECKING:
    from types import TracebackType

    from longwire.chaos.fault import Direction, Directions

_PROGRAMS: Final = ("ip", "tc", "unshare", "nsenter")
_PATIENCE: Final = 20.0
"""Seconds for one program."""
_CLONE_NEWNET: Final = 0x40000000
_NETWORKS: Final = ipaddress.IPv4Network("198.18.0.0/15")
"""For tests of networks alone (RFC 2544); each path takes four addresses of it, by chance."""
_BACKLOG: Final = 128


def why_not() -> str | None:
    """Why there can be no `KernelPath` here; None: there can. It tries, in a throw-away namespace.

    Takes some milliseconds, and blocks for them.
    """
    if sys.platform != "linux":
        return "it needs Linux"
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"it needs {', '.join(missing)} (packages iproute2 and util-linux)"
    return _failure("ip link add name lw0 type veth peer name lw1")


def why_no_netem() -> str | None:
    """Why `KernelPath.shape` cannot be used here; None: it can."""
    return why_not() or _failure("tc qdisc add dev lo root netem loss 1%")


def _failure(command: str) -> str | None:
    """Why a command fails in a namespace of its own; None: it does not."""
    try:
        _run("unshare", "--net", "sh", "-c", f"ip link set lo up && {command}")
    except OSError as error:
        return str(error)
    return None


class KernelPath:
    """A way through the kernel, at whose end a server can listen, and that can be made bad.

    ::

        async with KernelPath() as path:
            async with longwire.serve(handler, sock=await path.listen()) as server:
                async with longwire.connect(f"ws://{path.host}:{server.port}/") as client:
                    await path.black_hole()

    Directions are those of everything in chaos: the server is the one inside.

    Raises:
        OSError: it is not permitted, or a program is missing; see `why_not`.

    Attributes:
        host: The address inside, once it is entered.
    """

    def __init__(self) -> None:
        number = secrets.randbelow(_NETWORKS.num_addresses // 4)
        base = _NETWORKS.network_address + 4 * number
        self.host = str(base + 2)
        self._outside = str(base + 1)
        name = secrets.token_hex(4)
        self._links = {"c2s": f"lw{name}o", "s2c": f"lw{name}i"}
        """The interfaces, by the direction that leaves there."""
        mac = ":".join(f"{byte:02x}" for byte in bytes.fromhex(name))
        self._macs = {"c2s": f"02:{mac}:01", "s2c": f"02:{mac}:02"}
        self._nobody = f"02:{mac}:ff"
        self._keeper: subprocess.Popen[bytes] | None = None

    # -- its life -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        making = loop.run_in_executor(None, self._make)
        try:
            await asyncio.shield(making)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):
                await making
            await self._take_away()
            raise
        except OSError:
            await self._take_away()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._take_away()

    def _make(self) -> None:
        # Whoever ends us, even with SIGKILL, ends its input, so it ends, and all of this with it.
        self._keeper = subprocess.Popen(  # noqa: S603 - a program of the system, by its path
            [_path_of("unshare"), "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._keeper.stdin is not None  # noqa: S101 - for mypy
        assert self._keeper.stdout is not None  # noqa: S101 - for mypy
        self._keeper.stdin.write(b"!")
        self._keeper.stdin.flush()
        if self._keeper.stdout.read(1) != b"!":
            raise OSError("the system gave no network namespace")
        out, inside = self._links["c2s"], self._links["s2c"]
        _run(
            *("ip", "link", "add", "name", out, "address", self._macs["c2s"], "type", "veth"),
            *("peer", "name", inside, "address", self._macs["s2c"]),
            *("netns", str(self._keeper.pid)),
        )
        for direction, address in (("c2s", self._outside), ("s2c", self.host)):
            link = self._links[direction]
            self._at(direction, "ip", "addr", "add", f"{address}/30", "dev", link)
            self._at(direction, "ip", "link", "set", link, "up")
        self._at("s2c", "ip", "link", "set", "lo", "up")
        self._lead("c2s", self._macs["s2c"])
        self._lead("s2c", self._macs["c2s"])

    async def _take_away(self) -> None:
        loop = asyncio.get_running_loop()
        # Whoever is cancelled while it waits, it is done.
        await asyncio.shield(loop.run_in_executor(None, self._unmake))

    def _unmake(self) -> None:
        # Sockets keep a namespace alive; the way there ends with either of its interfaces.
        with contextlib.suppress(OSError):
            _run("ip", "link", "del", self._links["c2s"])
        if self._keeper is not None:
            self._keeper.kill()
            self._keeper.communicate()

    # -- what it is for -----------------------------------------------------------------------

    async def listen(self, port: int = 0) -> socket.socket:
        """A non-blocking socket that listens inside; it is the caller's, and works in any thread.

        Args:
            port: 0: any free one.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        # A thread of its own, which ends with it: nothing else may run inside by mistake.
        with ThreadPoolExecutor(1, thread_name_prefix="longwire-netns") as thread:
            return await loop.run_in_executor(thread, self._listen_inside, port)

    def _listen_inside(self, port: int) -> socket.socket:
        libc = ctypes.CDLL(None, use_errno=True)
        namespace = os.open(self._namespace, os.O_RDONLY)
        try:
            if libc.setns(namespace, _CLONE_NEWNET) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(namespace)
        listening = socket.create_server((self.host, port), backlog=_BACKLOG)
        listening.setblocking(False)
        return listening

    async def black_hole(self, direction: Directions = "both") -> None:
        """Let every packet vanish, until `heal`. Neither end is told anything.

        The frames go to a hardware address that nobody has, as after a failover of a switch.
        """
        for one in _each(direction):
            await asyncio.to_thread(self._lead, one, self._nobody)

    async def heal(self) -> None:
        """Let packets arrive again."""
        await asyncio.to_thread(self._lead, "c2s", self._macs["s2c"])
        await asyncio.to_thread(self._lead, "s2c", self._macs["c2s"])

    async def shape(self, what: str, direction: Directions = "both") -> None:
        """Make the network bad, in place of what it was before: ``loss=5% delay=50ms``.

        Args:
            what: See `longwire.chaos.netem.netem_arguments`; an empty one: it is good again.
            direction: Of the packets that are treated so.

        Raises:
            ValueError: it is not written so.
            OSError: the kernel has no netem, see `why_no_netem`.
        """
        words = netem_arguments(what) if what else ["limit", "1000"]
        for one in _each(direction):
            link = self._links[one]
            command = ("tc", "qdisc", "replace", "dev", link, "root", "netem", *words)
            await asyncio.to_thread(self._at, one, *command)

    # -- how it is done -----------------------------------------------------------------------

    @property
    def _namespace(self) -> Path:
        assert self._keeper is not None, "the path has not been entered"  # noqa: S101 - a mistake
        return Path(f"/proc/{self._keeper.pid}/ns/net")

    def _lead(self, direction: Direction, mac: str) -> None:
        """Say which hardware address the other end has, for packets of a direction."""
        address = self.host if direction == "c2s" else self._outside
        link = self._links[direction]
        command = ("neigh", "replace", address, "lladdr", mac, "nud", "permanent", "dev", link)
        self._at(direction, "ip", *command)

    def _at(self, direction: str, *command: str) -> None:
        """Run a program where packets of a direction leave."""
        if direction == "s2c":
            command = ("nsenter", f"--net={self._namespace}", *command)
        _run(*command)


def _each(direction: Directions) -> tuple[Direction, ...]:
    return ("c2s", "s2c") if direction == "both" else (direction,)


def _path_of(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(f"{program} is not installed")
    return found


def _run(program: str, *words: str) -> None:
    """Run a program.

    Raises:
        OSError: it is not there, takes too long, or fails; with what it said.
    """
    try:
        done = subprocess.run(  # noqa: S603 - programs of the system, their arguments all our own
            [_path_of(program), *words], capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{program} did not end") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise OSError(f"{program}: {' '.join(said.split()).removesuffix('.')}")
