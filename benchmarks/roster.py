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

Measure = Literal["rate", "deflate", "echo"]
"""``rate``: messages a second, more is better; ``deflate``: the same of compressed messages;
``echo``: microseconds there and back, less is better."""


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
)

_COMPRESSED = tuple(
    replace(each, name=f"{each.name}-deflate", measure="deflate")
    for each in _RATES
    if each.name
    in {
        "client-inline-batches",
        "client-inline-one",
        "client-isolated-batches",
        "client-isolated-one",
        "picows.websockets",
        "websockets",
        "aiohttp",
    }
)
_WITH_ZLIB = replace(
    _COMPRESSED[0],
    name="client-inline-batches-deflate-zlib",
    label="longwire inline, batches, zlib in place of zlib-ng",
    variables=(("LONGWIRE_ZLIB", "zlib"),),
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
    packed = [Case(each, DEFLATE_SIZE) for each in chosen if each.measure == "deflate"]
    return rates + packed + [Case(each, ECHO_SIZE) for each in chosen if each.measure == "echo"]
