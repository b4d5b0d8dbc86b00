"""What all contestants share: the command line, the meter, the stopwatch, the printed result.

A contestant is a module with one function per mode, each a few lines in the way its library's
documentation recommends. It runs in a process of its own, for one measurement.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import signal
import socket
import ssl
import statistics
import sys
import time
from array import array
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from benchmarks.cores import pin, waited_for_a_core
from benchmarks.opening import ask_for_opening

_ENDLESS = {"/blast", "/push", "/visit"}
"""Services of the blaster that a knock ends; the others end with what the contestant does, and a
knock behind that does no harm."""


class Meter:
    """Counts messages, or whatever it is, and looks at its count at the window's two ends.

    The contestant calls `begin` once it is connected and adds to `count`, nothing else. A timer
    signal at each end of the window reads count and clock together; the second tells the blaster
    to end, if it is the one who goes on and on. So counting costs every contestant, blocking or
    not, the same single addition. It is no thread that looks: one that sleeps beside a flood may
    wait for seconds until it gets its turn.
    """

    __slots__ = (
        "_begun",
        "_knocks",
        "_port",
        "_warmup",
        "_window",
        "compression",
        "count",
        "flood",
        "payload",
        "text",
        "tls",
        "window",
    )

    def __init__(self, warmup: float, window: float, *, given: argparse.Namespace) -> None:
        self.count = 0
        self.text = given.kind == "text"
        """Whether the messages are text."""
        self.compression: Literal["deflate"] | None = "deflate" if given.deflate else None
        """What a client is to offer."""
        self.tls: ssl.SSLContext | None = None
        """What a client is to check the peer with."""
        if given.authority:
            self.tls = ssl.create_default_context(cafile=given.authority)
        self.payload = b"x" * given.size
        """What is sent, by who sends."""
        self.window: dict[str, float] | None = None
        self._warmup = warmup
        self._window = window
        self._port: int = given.port
        self._knocks: bool = given.service in _ENDLESS
        self.flood: bool = given.service in {"/blast", "/push", "/sink"}
        """Whether one link carries all it can."""
        self._begun: tuple[int, float, float, float] | None = None

    def begin(self) -> None:
        """Start the warm-up, and then the window."""
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, self._warmup)

    @property
    def over(self) -> bool:
        """Whether the window has ended: who sends, or comes and goes, may stop."""
        return self.window is not None

    def goes_on(self) -> bool:
        """For who opens links: until the window is over, which begins behind the first.

        So whatever a library loads only then is not measured with it.
        """
        if self.count == 1:
            self.begin()
        return not self.over

    def _look(self, _number: int, _frame: object) -> None:
        count, now, cpu = self.count, time.perf_counter(), time.process_time()
        waited = waited_for_a_core()
        if self._begun is None:
            self._begun = count, now, cpu, waited
            signal.setitimer(signal.ITIMER_REAL, self._window)
            return
        count_before, start, cpu_before, waited_before = self._begun
        self.window = {
            "value": (count - count_before) / (now - start),
            "messages": count - count_before,
            "seconds": now - start,
            "cpu_seconds": cpu - cpu_before,
            "waited_seconds": waited - waited_before,
        }
        if self._knocks:
            self._knock()

    def _knock(self) -> None:
        socket.create_connection(("127.0.0.1", self._port)).close()

    def finish(self) -> None:
        """The contestant has ended: let the blaster end, if it has not."""
        if not self._knocks:
            self._knock()

    def result(self) -> dict[str, float]:
        """Messages a second in the window, and what was received in all.

        Raises:
            RuntimeError: the stream ended before the window did.
        """
        if self.window is None:
            raise RuntimeError("the stream ended inside the measured window")
        return {**self.window, "received": self.count}


class RoundTrips:
    """Measures how long a message and its echo take, one at a time."""

    flood = False

    def __init__(self, warmup: float, window: float, size: int) -> None:
        self.payload = b"x" * size
        self._warmup = warmup
        self._window = window
        self._seconds = array("d")
        self._from = self._until = 0.0

    def begin(self) -> None:
        """Start the warm-up, and then the window."""
        self._from = time.perf_counter() + self._warmup
        self._until = self._from + self._window

    def record(self, sent: float, back: float) -> bool:
        """Take one round trip into account; return whether another one is wanted."""
        if back >= self._from:
            self._seconds.append(back - sent)
        return back < self._until

    async def run(
        self, send: Callable[[bytes], Awaitable[object]], recv: Callable[[], Awaitable[object]]
    ) -> None:
        """Send, await the echo, and again, until the window is over."""
        payload, clock = self.payload, time.perf_counter
        self.begin()
        while True:
            sent = clock()
            await send(payload)
            await recv()
            if not self.record(sent, clock()):
                return

    def finish(self) -> None:
        """Nothing is left to do."""

    def result(self) -> dict[str, float]:
        """The median and the 99th percentile in microseconds."""
        percentiles = statistics.quantiles(self._seconds, n=100, method="inclusive")
        return {
            "value": percentiles[49] * 1e6,
            "p99": percentiles[98] * 1e6,
            "round_trips": len(self._seconds),
        }


Mode = Callable[[str, Any], Any]
"""What a contestant does with a URL and a `Meter`, or `RoundTrips` to echo; sync or async."""


@dataclass(frozen=True, kw_only=True)
class _Request:
    url: str
    mode: str
    measure: Meter | RoundTrips


def _request(modes: dict[str, Mode]) -> _Request:
    parser = argparse.ArgumentParser(description="Run one measurement against a running blaster.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--size", type=int, default=64, help="bytes of payload")
    parser.add_argument("--seconds", type=float, default=2.0, help="the measured window")
    parser.add_argument("--warmup", type=float, default=0.5, help="seconds before the window")
    parser.add_argument("--mode", choices=modes, default=next(iter(modes)))
    parser.add_argument("--kind", choices=("binary", "text"), default="binary")
    parser.add_argument("--service", default="/blast", help="what the blaster is asked for")
    parser.add_argument("--deflate", action="store_true", help="compressed messages")
    parser.add_argument("--authority", help="speak TLS, and trust this file of certificates")
    given = parser.parse_args()
    scheme, host = ("wss", "localhost") if given.authority else ("ws", "127.0.0.1")
    url = f"{scheme}://{host}:{given.port}{given.service}"
    if given.service == "/echo":
        pin("client")
        trips = RoundTrips(given.warmup, given.seconds, given.size)
        return _Request(url=url, mode=given.mode, measure=trips)
    meter = Meter(given.warmup, given.seconds, given=given)
    url += f"?kind={given.kind}&size={given.size}"
    if given.deflate:
        url += "&deflate=1"
    return _Request(url=url, mode=given.mode, measure=meter)


async def invite(url: str, port: int) -> None:
    """Ask the blaster to come as a client to the server on ``port``, and wait until it has gone."""
    target = urlsplit(url)
    with socket.create_connection((target.hostname, target.port)) as connection:
        query = dict(parse_qsl(target.query))
        ask_for_opening(connection, target.path, {**query, "port": port})
        connection.setblocking(False)
        if await asyncio.get_running_loop().sock_recv(connection, 1):
            raise AssertionError("the blaster has nothing to say here")


def main(*, floods_on_asyncio: bool = False, **modes: Mode) -> None:
    """Run the mode that the command line asks for, and print its result as a JSON object.

    Coroutines run on uvloop, the loop that every other asyncio contestant's documentation names as
    the fastest. longwire asks for asyncio's own loop where it receives all it can, because there
    it can use aiofastnet's transports; its round trips and openings run on uvloop like everybody's.
    """
    request = _request(modes)
    function = modes[request.mode]
    if inspect.iscoroutinefunction(function):
        import uvloop

        run = asyncio.run if floods_on_asyncio and request.measure.flood else uvloop.run
        run(function(request.url, request.measure))
    else:
        function(request.url, request.measure)
    request.measure.finish()
    sys.stdout.write(json.dumps(request.measure.result()) + "\n")
