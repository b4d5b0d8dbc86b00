"""The clients: how each is called, and where it says how it wants to be used."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
from dataclasses import dataclass
from typing import Final

_ME: Final = "longwire"


@dataclass(frozen=True, kw_only=True)
class Client:
    """One client of the scoreboard.

    Attributes:
        name: What it is called in the report.
        command: What runs its program; URL and options are added.
        docs: The page of its documentation that the program follows.
        package: The Python package that must be there, as pip calls it; None: the command is all.
        idiom: How it is used, in a few words.
        note: What to know of its results.
    """

    name: str
    command: tuple[str, ...]
    docs: str
    idiom: str
    package: str | None = None
    note: str = ""

    @property
    def version(self) -> str | None:
        """The version that is installed, empty where nobody knows; None: it is not."""
        if self.package is None:
            return "" if shutil.which(self.command[0]) else None
        try:
            return importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            # A clone that is run without being installed.
            return "clone" if self.package == _ME and importlib.util.find_spec(_ME) else None


def _python(
    name: str,
    module: str,
    *options: str,
    docs: str,
    idiom: str,
    package: str | None = None,
    note: str = "",
) -> Client:
    return Client(
        name=name,
        command=(sys.executable, "-m", f"scoreboard.clients.{module}", *options),
        docs=docs,
        idiom=idiom,
        package=package or name,
        note=note,
    )


_ALL: Final = (
    _python(
        "longwire",
        "longwire_client",
        docs="docs/first-steps.md",
        idiom="`async for event in client.events()`",
    ),
    _python(
        "longwire inline",
        "longwire_client",
        "--inline",
        docs="docs/first-steps.md",
        idiom="the same with `isolate=False`",
        package=_ME,
    ),
    _python(
        "websockets",
        "websockets_asyncio",
        docs="https://websockets.readthedocs.io/en/stable/reference/asyncio/client.html",
        idiom="`async for websocket in connect(...)`",
        note="its close timeout is 10 s by default, longer than any cell: until then a connection "
        "that does not end in good order is not told of",
    ),
    _python(
        "aiohttp",
        "aiohttp_client",
        docs="https://docs.aiohttp.org/en/stable/client_quickstart.html#websockets",
        idiom="`async for message in websocket`, a `while True` of the user's around it",
        note="it has no reconnect: the pause of a second is the user's",
    ),
    _python(
        "websocket-client",
        "websocket_client",
        docs="https://websocket-client.readthedocs.io/en/latest/examples.html",
        idiom="`run_forever(reconnect=1)`",
        note="it pauses for whole seconds, so one is the least; where a close frame has ended a "
        "connection it calls `on_reconnect`, and neither `on_error` nor `on_close`",
    ),
    _python(
        "picows.websockets",
        "picows_websockets",
        docs="https://picows.readthedocs.io/en/stable/",
        idiom="`async for websocket in connect(...)`",
        package="picows",
    ),
    _python(
        "jetsocket",
        "jetsocket_client",
        docs="https://pypi.org/project/jetsocket/",
        idiom="`async with WebSocket(url, reconnect=True)`",
        note="with a heartbeat it ends healthy connections by itself, here each second",
    ),
)

CLIENTS: Final = {client.name: client for client in _ALL}
"""All clients by name, in the order of the report."""
