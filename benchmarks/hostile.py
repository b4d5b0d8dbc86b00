"""``python -m benchmarks.hostile``: what hostile peers cost a server, and others on it.

Each attack runs for some seconds against a server in a process of its own, while a witness sends it
a ping after the other. Written to results/hostile.md: how long the witness waited, what share of a
core the server used, and the memory at its peak and after the attack.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.machine import environment, today
from longwire.testing import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OUT = Path(__file__).parent / "results" / "hostile.md"
_MASK = bytes(4)
_MIB = 2**20
_BLOCK = 2**18
_UPGRADE = (
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
_HALF_OPEN = 10_000
_PATIENCE = 10.0
"""Seconds that a server has to be done with what an attacker has left."""


class Result(NamedTuple):
    """What one attack did."""

    name: str
    rate: str
    waits: list[float]
    cpu: float
    base: int
    peak: int
    after: int


# ---------------------------------------------------------------- the server


async def _serve() -> None:
    """Serve until standard input ends; a line there is answered with what was used."""
    from longwire.link.listen import serve

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def hear(link: Any) -> None:
        async for _ in link.batches():
            pass

    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with serve(hear, "127.0.0.1", 0, open_timeout=3600.0) as server:
        print(server.port, flush=True)
        async for _ in reader:
            # Openings are under way there that `Server.links` does not list.
            count = len(server._connections)  # noqa: SLF001 - no user needs to know
            usage = [time.process_time(), _resident(), count]
            print(json.dumps(usage), flush=True)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Server:
    """A server in a process of its own."""

    def __init__(self, loop: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hostile", "--serve", loop],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def usage(self) -> tuple[float, int, int]:
        """Seconds of CPU so far, bytes of resident memory, connections."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        cpu, memory, connections = json.loads(self._process.stdout.readline())
        return cpu, memory, connections

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


# ---------------------------------------------------------------- the attacks


def _open(port: int, extension: str = "") -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(f"{_UPGRADE}{extension}\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    return sock


def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(wbits=-12)
    packed = packer.compress(bytes(size)) + packer.flush(zlib.Z_SYNC_FLUSH)
    return frames.frame(frames.BINARY, packed[:-4], rsv=4, mask=_MASK)


def _tables() -> bytes:
    """Blocks that hold nothing but a table, the slowest there is for zlib: one message, 1 MiB."""
    packer = zlib.compressobj(level=9, wbits=-12)
    block = packer.compress(bytes(range(256)) * 2) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = (block * (_MIB // len(block)))[:-4]
    return frames.frame(frames.BINARY, packed, rsv=4, mask=_MASK)


def _one(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    return frames.frame(opcode, payload, fin=fin, mask=_MASK)


FLOODS: dict[str, Callable[[], bytes]] = {
    "messages of 64 B": lambda: _one(frames.BINARY, bytes(64)),
    "empty messages": lambda: _one(frames.TEXT),
    "pings": lambda: _one(frames.PING),
    "pings of 125 B": lambda: _one(frames.PING, bytes(125)),
    "pongs": lambda: _one(frames.PONG),
    "empty fragments": lambda: (
        _one(frames.TEXT, fin=False) + _one(frames.CONT, fin=False) * 4000 + _one(frames.CONT)
    ),
    "bombs of 1 MiB": lambda: _bomb(_MIB),
    "bombs of 16 MiB": lambda: _bomb(16 * _MIB),
    "small blocks, 1 MiB": _tables,
}


def _flood(name: str, port: int, stop: threading.Event) -> str:
    """Send the same again and again; whatever comes back is thrown away."""
    made = FLOODS[name]()
    raw = made * max(1, _BLOCK // len(made))
    compressed = "bomb" in name or "blocks" in name
    offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if compressed else ""
    sock = _open(port, offer)
    sent, began = 0, time.perf_counter()
    drain = threading.Thread(target=_drain, args=(sock,))
    drain.start()
    sock.settimeout(0.2)
    rest = memoryview(raw)
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            count = sock.send(rest)
            sent += count
            rest = rest[count:] or memoryview(raw)
    seconds = time.perf_counter() - began
    sock.shutdown(socket.SHUT_RDWR)
    drain.join()
    sock.close()
    return f"{sent / seconds / 1e6:.1f} MB/s"


def _drain(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            try:
                if not sock.recv(_BLOCK):
                    return
            except TimeoutError:
                continue


def _closes(port: int, stop: threading.Event) -> str:
    count, began = 0, time.perf_counter()
    while not stop.is_set():
        sock = _open(port)
        sock.sendall(_one(frames.CLOSE) * 100)
        with contextlib.suppress(OSError):
            while sock.recv(100):
                pass
        sock.close()
        count += 1
    return f"{count / (time.perf_counter() - began):.0f} links/s"


def _half_open(server: Server, stop: threading.Event) -> str:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = min(_HALF_OPEN, hard - 500)
    crowd: list[socket.socket] = []
    while len(crowd) < wanted and not stop.is_set():
        for _ in range(100):
            crowd.append(socket.create_connection(("127.0.0.1", server.port)))
            crowd[-1].sendall(b"GET / HTTP/1.1\r\nX: ")
    stop.wait()
    for one in crowd:
        one.close()
    return f"{len(crowd)} connections"


# ---------------------------------------------------------------- the witness


def _witness(port: int, stop: threading.Event) -> list[float]:
    """Seconds that each ping took."""
    sock = _open(port)
    waits: list[float] = []
    while not stop.is_set():
        began = time.perf_counter()
        sock.sendall(_one(frames.PING, b"1234"))
        got = 0
        while got < 6:
            data = sock.recv(6 - got)
            if not data:
                raise ConnectionError("the server closed the witness's link")
            got += len(data)
        waits.append(time.perf_counter() - began)
        stop.wait(0.005)
    sock.close()
    return waits


def measure(name: str, loop: str, seconds: float) -> Result:
    """Run one attack against a server of its own."""
    server = Server(loop)
    try:
        _open(server.port).close()
        cpu, base, _ = server.usage()
        stop = threading.Event()
        told: dict[str, Any] = {}
        attack: Callable[[], str] = {
            "nothing": lambda: str(stop.wait() and ""),
            "links that close at once": lambda: _closes(server.port, stop),
            "half-open handshakes": lambda: _half_open(server, stop),
        }.get(name, lambda: _flood(name, server.port, stop))
        threads = [
            threading.Thread(target=lambda: told.update(rate=attack())),
            threading.Thread(target=lambda: told.update(waits=_witness(server.port, stop))),
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        peak, used = base, cpu
        while (left := began + seconds - time.perf_counter()) > 0:
            time.sleep(min(left, 0.2))
            used, memory, _ = server.usage()
            peak = max(peak, memory)
        elapsed = time.perf_counter() - began
        stop.set()
        for thread in threads:
            thread.join()
        # What lies in the kernel when the attacker leaves is dealt with first.
        patience = time.perf_counter() + _PATIENCE
        while server.usage()[2] and time.perf_counter() < patience:
            time.sleep(0.01)
        after = server.usage()[1]
        return Result(name, told["rate"], told["waits"], (used - cpu) / elapsed, base, peak, after)
    finally:
        server.close()


# ---------------------------------------------------------------- the report


def _row(result: Result) -> str:
    waits = sorted(result.waits)
    median, high, most = (
        f"{1e3 * waits[min(len(waits) - 1, int(len(waits) * part))]:.1f}" for part in (0.5, 0.99, 1)
    )
    base, peak, after = (f"{size / _MIB:.0f}" for size in (result.base, result.peak, result.after))
    return (
        f"| {result.name} | {result.rate} | {median} | {high} | {most} | {result.cpu:.0%} "
        f"| {base} | {peak} | {after} |"
    )


def _report(tables: dict[str, list[Result]], seconds: float, load: float) -> Iterator[str]:
    yield "# Hostile peers"
    yield ""
    yield (
        f"Made by `make bench-hostile`: each attack for {seconds:g} s against a server with the "
        "default options. *ping* is what a peaceful link on the same server waits for a pong, in "
        "milliseconds; *CPU* the share of a core that the server uses; *RSS* its memory in MiB "
        "before, at its peak, and after the attack (the allocator keeps some of it)."
    )
    for loop, results in tables.items():
        yield ""
        yield f"## {loop}"
        yield ""
        yield "| attack | rate | ping median | 99 % | most | CPU | RSS before | peak | after |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        yield from map(_row, results)
    yield ""
    made = environment()
    yield (
        f"{today()}, Python {made['python']}, {made['system']}, {made['cpu_count']} cores; load "
        f"average before the run: {load:.1f}. Over 1, other programs had their share of every wait."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each attack; 4")
    parser.add_argument("--loops", nargs="+", default=["asyncio", "uvloop"])
    parser.add_argument("--out", type=Path, default=_OUT, metavar="FILE")
    parser.add_argument("--serve", metavar="LOOP", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve == "uvloop":
        import uvloop

        uvloop.run(_serve())
    elif given.serve:
        asyncio.run(_serve())
    else:
        names = ["nothing", *FLOODS, "links that close at once", "half-open handshakes"]
        tables: dict[str, list[Result]] = {}
        load = os.getloadavg()[0]
        for loop in given.loops:
            tables[loop] = []
            for name in names:
                tables[loop].append(measure(name, loop, given.seconds))
                print(f"{loop:8}", _row(tables[loop][-1]), flush=True)
        given.out.write_text("\n".join(_report(tables, given.seconds, load)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
