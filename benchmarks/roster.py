"""Who takes part, and how: one line per contestant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

SIZES = (64, 1024, 65_536)
"""Bytes of payload at which rates are measured."""

ECHO_SIZE = 64
"""Bytes of payload at which round trips are measured."""

DEFLATE_SIZE = 1024
"""Bytes of payload at which compressed rates are measured."""

Measure = Literal["rate", "deflate", "tls", "served", "sent", "openings", "visits", "echo"]
"""``rate``: messages a second, more is better; ``deflate`` and ``tls``: the same of compressed
messages, and over TLS; ``served``: the same of a client's, which are masked, at a server;
``sent``: messages sent a second; ``openings``: links opened and closed a second by a client, one
after the other; ``visits``: the same at a server; ``echo``: microseconds there and back, less is
better."""

SERVICES: dict[Measure, str] = {
    "rate": "/blast",
    "deflate": "/blast",
    "tls": "/blast",
    "served": "/push",
    "sent": "/sink",
    "openings": "/greet",
    "visits": "/visit",
    "echo": "/echo",
}
"""What the blaster is asked for; see `benchmarks.blaster`."""

SIZES_OF: dict[Measure, tuple[int, ...]] = {
    "deflate": (DEFLATE_SIZE,),
    "tls": (64, 65_536),
    "served": (64, 1024),
    "sent": (64,),
    "openings": (64,),
    "visits": (64,),
    "echo": (ECHO_SIZE,),
}
"""Bytes of payload at which each is measured; openings and visits have none, and call it 64."""


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A way of receiving, or of doing round trips, with one library."""

    name: str
    """What ``--only`` and the result files call it."""
    label: str
    """What people read."""
    module: str
    """In ``benchmarks.contestants``."""
    mode: str
    measure: Measure = "rate"
    awake: bool = False
    """Whether the cores are kept from sleeping meanwhile; see `benchmarks.cores`."""
    variables: tuple[tuple[str, str], ...] = ()
    """Environment variables to set for it."""


@dataclass(frozen=True)
class Case:
    """One measurement of a round."""

    contestant: Contestant
    size: int


def _rate(name: str, label: str, module: str, mode: str = "one") -> Contestant:
    return Contestant(name=name, label=label, module=module, mode=mode)


def _echo(name: str, label: str, module: str, mode: str = "echo") -> Contestant:
    return Contestant(name=name, label=label, module=module, mode=mode, measure="echo")


_RATES = (
    _rate("floor", "bytes only, no WebSocket", "floor"),
    _rate("link-batches", "longwire link, batches", "longwire_link", "batches"),
    _rate("link-one", "longwire link, one by one", "longwire_link"),
    _rate(
        "link-checked-batches",
        "longwire link, checked by hand, batches",
        "longwire_link",
        "checked-batches",
    ),
    _rate(
        "link-checked-one",
        "longwire link, checked by hand, one by one",
        "longwire_link",
        "checked-one",
    ),
    _rate("client-inline-batches", "longwire inline, batches", "longwire_client", "inline-batches"),
    _rate("client-inline-one", "longwire inline, one by one", "longwire_client", "inline-one"),
    _rate(
        "client-isolated-batches",
        "longwire isolated, batches",
        "longwire_client",
        "isolated-batches",
    ),
    _rate(
        "client-isolated-one", "longwire isolated, one by one", "longwire_client", "isolated-one"
    ),
    _rate(
        "client-full-batches", "longwire inline, all on, batches", "longwire_client", "full-batches"
    ),
    _rate("client-full-one", "longwire inline, all on, one by one", "longwire_client", "full-one"),
    _rate(
        "client-asking-batches",
        "longwire inline, all on, number by a function, batches",
        "longwire_client",
        "asking-batches",
    ),
    _rate(
        "client-asking-one",
        "longwire inline, all on, number by a function, one by one",
        "longwire_client",
        "asking-one",
    ),
    _rate("picows", "picows, callbacks", "picows_core", "callbacks"),
    _rate("picows-unchecked", "picows, callbacks, unchecked", "picows_core", "unchecked"),
    _rate("picows.websockets", "picows.websockets", "picows_websockets"),
    _rate("websockets", "websockets", "websockets_asyncio"),
    _rate("aiohttp", "aiohttp", "aiohttp_client"),
    _rate("sync-batches", "longwire.sync, batches", "longwire_sync", "batches"),
    _rate("sync-one", "longwire.sync, one by one", "longwire_sync"),
    _rate("websockets-sync", "websockets.sync", "websockets_sync"),
    _rate("websocket-client", "websocket-client", "websocket_client"),
    _rate("tungstenite", "tokio-tungstenite (Rust)", "tungstenite"),
)


def _rates_as(measure: Measure, *names: str) -> tuple[Contestant, ...]:
    """Some of those that receive, in the order of the roster, for another measure."""
    return tuple(
        replace(each, name=f"{each.name}-{measure}", measure=measure)
        for each in _RATES
        if each.name in names
    )


_CLIENTS = (
    "client-inline-batches",
    "client-inline-one",
    "client-isolated-batches",
    "client-isolated-one",
    "picows.websockets",
    "websockets",
    "aiohttp",
)
_COMPRESSED = _rates_as("deflate", *_CLIENTS)
_WITH_ZLIB = replace(
    _COMPRESSED[0],
    name="client-inline-batches-deflate-zlib",
    label="longwire inline, batches, zlib in place of zlib-ng",
    variables=(("LONGWIRE_ZLIB", "zlib"),),
)

_SECURED = _rates_as("tls", "link-batches", "picows", *_CLIENTS)


def _others(measure: Measure, *rows: tuple[str, str, str, str]) -> tuple[Contestant, ...]:
    return tuple(
        Contestant(name=f"{name}-{measure}", label=label, module=module, mode=mode, measure=measure)
        for name, label, module, mode in rows
    )


_SERVED = _others(
    "served",
    ("link-batches", "longwire, batches", "longwire_server", "batches"),
    ("link-one", "longwire, one by one", "longwire_server", "one"),
    ("picows", "picows, callbacks", "picows_server", "callbacks"),
    ("websockets", "websockets", "websockets_server", "one"),
    ("aiohttp", "aiohttp", "aiohttp_server", "one"),
)
_SENT = _others(
    "sent",
    ("link", "longwire link", "longwire_link", "send"),
    ("client-inline", "longwire inline", "longwire_client", "inline-send"),
    ("client-isolated", "longwire isolated", "longwire_client", "isolated-send"),
    ("picows", "picows", "picows_core", "send"),
    ("picows.websockets", "picows.websockets", "picows_websockets", "send"),
    ("websockets", "websockets", "websockets_asyncio", "send"),
    ("aiohttp", "aiohttp", "aiohttp_client", "send"),
)
_OPENINGS = _others(
    "openings",
    ("link", "longwire link", "longwire_link", "visits"),
    ("client-inline", "longwire inline", "longwire_client", "inline-visits"),
    ("client-isolated", "longwire isolated", "longwire_client", "isolated-visits"),
    ("picows", "picows", "picows_core", "visits"),
    ("picows.websockets", "picows.websockets", "picows_websockets", "visits"),
    ("websockets", "websockets", "websockets_asyncio", "visits"),
    ("aiohttp", "aiohttp", "aiohttp_client", "visits"),
)
_VISITS = _others(
    "visits",
    ("link", "longwire", "longwire_server", "visits"),
    ("picows", "picows", "picows_server", "visits"),
    ("websockets", "websockets", "websockets_server", "visits"),
    ("aiohttp", "aiohttp", "aiohttp_server", "visits"),
)

_ECHOES = (
    _echo("echo-floor", "bytes only, awaited", "floor"),
    _echo("echo-link", "longwire link", "longwire_link"),
    _echo("echo-client-inline", "longwire inline", "longwire_client", "inline-echo"),
    _echo("echo-client-isolated", "longwire isolated", "longwire_client", "isolated-echo"),
    _echo("echo-picows", "picows, callbacks", "picows_core"),
    _echo("echo-picows.websockets", "picows.websockets", "picows_websockets"),
    _echo("echo-websockets", "websockets", "websockets_asyncio"),
    _echo("echo-aiohttp", "aiohttp", "aiohttp_client"),
)

CONTESTANTS = (
    *_RATES,
    *_COMPRESSED,
    _WITH_ZLIB,
    *_SECURED,
    *_SERVED,
    *_SENT,
    *_OPENINGS,
    *_VISITS,
    *_ECHOES,
    *(replace(each, name=f"{each.name}-awake", awake=True) for each in _ECHOES),
)

BY_NAME = {contestant.name: contestant for contestant in CONTESTANTS}


def cases(patterns: list[str] | None, sizes: tuple[int, ...]) -> list[Case]:
    """What a round consists of.

    Args:
        patterns: names to take, ``*`` and ``?`` allowed; None or empty takes all.
        sizes: bytes of payload at which rates are measured.

    Raises:
        ValueError: a pattern fits nobody.
    """
    chosen = CONTESTANTS
    if patterns:
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in BY_NAME):
                raise ValueError(f"no contestant is called {pattern!r}: {', '.join(BY_NAME)}")
        chosen = tuple(
            contestant
            for contestant in CONTESTANTS
            if any(fnmatchcase(contestant.name, pattern) for pattern in patterns)
        )
    rates = [
        Case(contestant, size)
        for size in sizes
        for contestant in chosen
        if contestant.measure == "rate"
    ]
    return rates + [
        Case(contestant, size)
        for contestant in chosen
        if contestant.measure != "rate"
        for size in SIZES_OF[contestant.measure]
    ]
