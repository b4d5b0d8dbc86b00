"""The peers: how each is started, and what it cannot do by its own public interface."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.interop import toolchains

if TYPE_CHECKING:
    from collections.abc import Callable

CODES = (1000, 1001, 1008, 1011, 3000, 4999, None)
"""Close codes that a peer is told to send; None: a close frame without one."""

BOTH = frozenset(
    {
        "server_no_context_takeover",
        "client_no_context_takeover",
        "server_max_window_bits",
        "client_max_window_bits",
    }
)


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A library or program that we did not write, in a process of its own.

    Args:
        command: Builds it, if need be, and says how it is started.
        serves: It has a server.
        dials: It has a client.
        pings: It can be told to ping.
        fragments: It can be told where a message is to be cut.
        codes: Which close codes it can be told to send.
        knows: The parameters of permessage-deflate that it can be told to ask for or grant, as a
            server and as a client; None: it has no compression.
        sees_status: Its client tells with which status it was turned away.
        bounded: It can be given a limit for the size of a message.
        insists: Its client takes a link without one of the subprotocols it offered for an error.
    """

    command: Callable[[], toolchains.Command]
    serves: bool = True
    dials: bool = True
    pings: bool = True
    fragments: bool = True
    codes: tuple[int | None, ...] = CODES
    knows: tuple[frozenset[str], frozenset[str]] | None = (BOTH, BOTH)
    sees_status: bool = True
    bounded: bool = True
    insists: bool = False


def python(module: str) -> Callable[[], toolchains.Command]:
    return functools.partial(list, [sys.executable, "-m", f"tests.interop.peers.{module}"])


CONTEXTS = frozenset({"server_no_context_takeover"})
NOTHING: frozenset[str] = frozenset()
WITH_CODE = tuple(code for code in CODES if code is not None)

PEERS = {
    "tungstenite": Peer(command=toolchains.rust, knows=None, insists=True),
    "coder": Peer(command=toolchains.go, knows=(CONTEXTS, CONTEXTS)),
    "node-ws": Peer(command=toolchains.node, insists=True),
    "websockets": Peer(command=python("websockets_peer")),
    "aiohttp": Peer(
        command=python("aiohttp_peer"),
        fragments=False,
        codes=WITH_CODE,
        # Its server grants what is offered, and we offer one thing.
        knows=(NOTHING, frozenset({"server_max_window_bits"})),
    ),
    # It sends 0 where it is given no code.
    "picows": Peer(command=python("picows_peer"), codes=WITH_CODE, knows=None),
    "fastapi": Peer(
        command=python("fastapi_peer"),
        dials=False,
        pings=False,
        fragments=False,
        codes=WITH_CODE,
        knows=(NOTHING, NOTHING),
    ),
    "chromium": Peer(
        command=toolchains.browser,
        serves=False,
        pings=False,
        fragments=False,
        # Scripts may use no others.
        codes=(1000, 3000, 4999, None),
        knows=(NOTHING, NOTHING),
        sees_status=False,
        bounded=False,
        insists=True,
    ),
}


@dataclass(frozen=True)
class Setting:
    """A peer in one of its roles, and which kind of client we meet it with."""

    name: str
    peer_serves: bool
    isolate: bool = True

    @property
    def peer(self) -> Peer:
        return PEERS[self.name]

    @property
    def knows(self) -> frozenset[str] | None:
        """What it knows of permessage-deflate in this role."""
        both = self.peer.knows
        return None if both is None else both[0 if self.peer_serves else 1]

    def __str__(self) -> str:
        if not self.peer_serves:
            return f"{self.name}-client"
        return f"{self.name}-server-{'isolated' if self.isolate else 'inline'}"


def settings() -> list[Setting]:
    """Every peer in every role it has, its servers with both kinds of client."""
    served = [
        Setting(name, True, isolate)
        for name, peer in PEERS.items()
        if peer.serves
        for isolate in (True, False)
    ]
    return served + [Setting(name, False) for name, peer in PEERS.items() if peer.dials]


SETTINGS = settings()
