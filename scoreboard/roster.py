"""The clients: how each is called, and where it says how it wants to be used."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.interop.toolchains import Missing, reconnecting, tungstenite

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE: Final = Path(__file__).parent / "clients"


@dataclass(frozen=True, kw_only=True)
class Client:
    """One client of the scoreboard.

    Attributes:
        name: What it is called in the report.
        program: The module of `scoreboard.clients` that runs it, or becomes what does.
        docs: The page of its documentation that the program follows; of ours, a file.
        idiom: How it is used, in a few words.
        note: What to know of its results.
        options: Of the program, beside those of the contract.
        package: What Python must have installed, as pip calls it, and the module that it gives.
        build: Makes a program that is not written in Python, unless that has been done.
        locked: The version that is built.
        tls: Its program can speak TLS.
        written_in: The folder of such a program; empty: the module is all of it.
    """

    name: str
    program: str
    docs: str
    idiom: str
    note: str = ""
    options: tuple[str, ...] = ()
    package: tuple[str, str] | None = None
    build: Callable[[], object] | None = field(default=None, repr=False)
    locked: Callable[[], str] | None = field(default=None, repr=False)
    tls: bool = True
    written_in: str = ""

    @property
    def sources(self) -> str:
        """Where its program is, below ``scoreboard/clients``."""
        return self.written_in or f"{self.program}.py"

    @property
    def command(self) -> tuple[str, ...]:
        """What runs it; URL and the contract's options are added."""
        return (sys.executable, "-m", f"scoreboard.clients.{self.program}", *self.options)

    @property
    def version(self) -> str:
        """The version that is played, as far as anybody knows."""
        if self.locked is not None:
            return self.locked()
        if self.package is None:
            return ""
        try:
            return importlib.metadata.version(self.package[0])
        except importlib.metadata.PackageNotFoundError:
            return ""

    def lacks(self) -> str:
        """What is missing to play it, in words; empty: nothing. It may be built first."""
        if self.package is not None and importlib.util.find_spec(self.package[1]) is None:
            return f"{self.package[0]} is not installed"
        if self.build is not None:
            try:
                self.build()
            except Missing as missing:
                return str(missing)
        return ""


def _crate_version() -> str:
    lock = tomllib.loads((_HERE / "tungstenite" / "Cargo.lock").read_text("utf-8"))
    return next(
        str(one["version"]) for one in lock["package"] if one["name"] == "tokio-tungstenite"
    )


def _node_version() -> str:
    needs = json.loads((_HERE / "node" / "package.json").read_text("utf-8"))["dependencies"]
    return f"{needs['ws']}, {needs['reconnecting-websocket']}"


_ALL: Final = (
    Client(
        name="longwire",
        program="longwire_client",
        package=("longwire", "longwire"),
        docs="docs/first-steps.md",
        idiom="`async for event in client.events()`",
    ),
    Client(
        name="longwire inline",
        program="longwire_client",
        options=("--inline",),
        package=("longwire", "longwire"),
        docs="docs/first-steps.md",
        idiom="the same with `isolate=False`",
    ),
    Client(
        name="websockets",
        program="websockets_asyncio",
        package=("websockets", "websockets"),
        docs="https://websockets.readthedocs.io/en/stable/reference/asyncio/client.html",
        idiom="`async for websocket in connect(...)`",
        note="its close timeout is 10 s by default, longer than any cell: until then a connection "
        "that does not end in good order is not told of; an answer to an opening that is fatal to "
        "it (`process_exception`: by default all but 500, 502, 503 and 504) ends the program",
    ),
    Client(
        name="aiohttp",
        program="aiohttp_client",
        package=("aiohttp", "aiohttp"),
        docs="https://docs.aiohttp.org/en/stable/client_quickstart.html#websockets",
        idiom="`async for message in websocket`, a `while True` of the user's around it",
        note="it has no reconnect: the pause of a second is the user's; `ws_receive`, its bound "
        "for silence, begins anew with each pong",
    ),
    Client(
        name="websocket-client",
        program="websocket_client",
        package=("websocket-client", "websocket"),
        docs="https://github.com/websocket-client/websocket-client#long-lived-connection",
        idiom="`run_forever(reconnect=1)`",
        note="it pauses for whole seconds, so one is the least; where a close frame has ended a "
        "connection it calls `on_reconnect`, and neither `on_error` nor `on_close`; with the "
        "dispatcher `rel`, as in the documentation's example, its ping timeouts would end the "
        "program",
    ),
    Client(
        name="picows.websockets",
        program="picows_websockets",
        package=("picows", "picows"),
        docs="https://picows.readthedocs.io/en/stable/websockets.html",
        idiom="`async for websocket in connect(...)`",
        note="as websockets",
    ),
    Client(
        name="jetsocket",
        program="jetsocket_client",
        package=("jetsocket", "jetsocket"),
        docs="https://pypi.org/project/jetsocket/",
        idiom="`async with WebSocket(url, reconnect=True)`",
        note="with a heartbeat it ends healthy connections by itself, here each second",
    ),
    Client(
        name="tokio-tungstenite",
        program="tungstenite_client",
        build=tungstenite,
        tls=False,
        written_in="tungstenite",
        locked=_crate_version,
        docs="https://github.com/snapview/tokio-tungstenite/blob/master/examples/autobahn-client.rs",
        idiom="`while let Some(message) = read.next().await`, a loop of the user's around it",
        note="it has neither heartbeat nor reconnect: the back-off from 0.1 s on is the user's",
    ),
    Client(
        name="ws, reconnecting",
        program="node_ws",
        build=reconnecting,
        written_in="node",
        locked=_node_version,
        docs="https://github.com/pladaria/reconnecting-websocket#readme",
        idiom="Node's `ws` in `reconnecting-websocket`",
        note="neither has a heartbeat; `ws` describes one that hears the server's pings, and this "
        "feed sends none; the first pause is 1 to 5 s",
    ),
)

CLIENTS: Final = {client.name: client for client in _ALL}
"""All clients by name, in the order of the report."""
