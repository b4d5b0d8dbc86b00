"""The peer of every contestant: a process of its own with plain blocking sockets and no library.

What it does stands in the path of the first request (`SERVICES`). What floods, or counts openings,
goes on until somebody knocks: makes one more connection and asks for nothing. A contestant that is
a server invites the blaster: it asks for ``/push`` or ``/visit`` with its own port, the blaster
comes as a client, and the invitation ends when it has gone. The blaster prints its port, then what
it sent, a JSON object a line, and ends with its standard input, so that it cannot outlive who
started it.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import ssl
import sys
import threading
import time
from typing import TYPE_CHECKING

from benchmarks.client_frames import CLOSE, PING, PONG, ClientFrames
from benchmarks.cores import pin
from benchmarks.frames import MASK, NumberedFrames, header, masked
from benchmarks.opening import answer_opening, ask_for_opening
from benchmarks.packed import PackedFrames

if TYPE_CHECKING:
    from collections.abc import Callable

_CLOSE_1000 = b"\x88\x02\x03\xe8"
_MASKED_CLOSE_1000 = b"\x88\x82" + MASK + masked(b"\x03\xe8", MASK)
_LONGEST = 120.0  # seconds of sending, if nobody knocks
_PATIENCE = 60.0  # seconds that the other side has to end what is over

Query = dict[str, str]
if TYPE_CHECKING:
    Service = Callable[[socket.socket, socket.socket, Query], int]
    """Gets the connection, the listener, on which knocks come, and what the request asks for."""


# ---------------------------------------------------------------- floods


def blast(connection: socket.socket, listener: socket.socket, query: Query) -> int:
    """``/blast``: send numbered frames as fast as they are taken; return how many.

    ``kind`` and ``size`` say which; with ``deflate`` they are compressed.
    """
    size = int(query["size"])
    frames = PackedFrames(size) if "deflate" in query else NumberedFrames(query["kind"], size)
    incoming = ClientFrames()
    return _flood(connection, listener, frames, lambda: _answer_pings(connection, incoming))


def push(_invitation: socket.socket, listener: socket.socket, query: Query) -> int:
    """``/push``: the same as a client, with masked frames, to the server at ``port``."""
    frames = NumberedFrames(query["kind"], int(query["size"]), MASK)
    with _client(query["port"]) as server:
        return _flood(server, listener, frames, lambda: True)


def _flood(
    connection: socket.socket,
    listener: socket.socket,
    frames: NumberedFrames | PackedFrames,
    hear: Callable[[], bool],
) -> int:
    """Send until somebody knocks, then the close frame; ``hear`` says whether the peer leaves."""
    sent = 0
    end = time.perf_counter() + _LONGEST
    while time.perf_counter() < end:
        connection.sendall(frames.next_block())
        sent += frames.per_block
        heard, _, _ = select.select([connection, listener], [], [], 0)
        if connection in heard and hear():
            return sent
        if listener in heard:
            listener.accept()[0].close()
            break
    is_client = isinstance(frames, NumberedFrames) and frames.mask != b""
    connection.sendall(_MASKED_CLOSE_1000 if is_client else _CLOSE_1000)
    if not isinstance(connection, ssl.SSLSocket):
        # So that a client that hands close frames to the user sees an end, too. Over TLS it could
        # be no clean one, which loses data with some.
        connection.shutdown(socket.SHUT_WR)
    # The contestant closes first, so that nothing that is still on its way is cut off by a reset.
    _wait_for_end(connection)
    return sent


def _answer_pings(connection: socket.socket, incoming: ClientFrames) -> bool:
    """Answer what has come; return whether the client is leaving."""
    data = connection.recv(65_536)
    for opcode, payload in incoming.feed(data):
        if opcode == PING:
            connection.sendall(bytes([0x80 | PONG, len(payload)]) + payload)
        elif opcode == CLOSE:
            return True
    return not data


def _wait_for_end(connection: socket.socket) -> None:
    connection.settimeout(_PATIENCE)
    while connection.recv(65_536):
        pass


def _client(port: str) -> socket.socket:
    """A link as a client to a contestant that is a server."""
    connection = socket.create_connection(("127.0.0.1", int(port)), _PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ask_for_opening(connection, "/", {})
    return connection


# ---------------------------------------------------------------- what contestants send


def echo(connection: socket.socket, _listener: socket.socket, _query: Query) -> int:
    """``/echo``: send back every message until the client leaves; return how many there were."""
    pin("peer")
    incoming = ClientFrames()
    sent = 0
    while data := connection.recv(65_536):
        for opcode, payload in incoming.feed(data):
            if opcode == CLOSE:
                connection.sendall(bytes([0x80 | CLOSE, len(payload)]) + payload)
                return sent
            if opcode == PING:
                connection.sendall(bytes([0x80 | PONG, len(payload)]) + payload)
            else:
                connection.sendall(header("binary", len(payload)) + payload)
                sent += 1
    return sent


def sink(connection: socket.socket, _listener: socket.socket, query: Query) -> int:
    """``/sink``: take messages of ``size`` bytes and nothing else until the close frame."""
    size = int(query["size"])
    frame_bytes = len(header("binary", size, MASK)) + size
    buffer = bytearray(1 << 20)
    taken = 0
    while count := connection.recv_into(buffer):
        taken += count
        last_frame = count - taken % frame_bytes
        if 0 <= last_frame < count and buffer[last_frame] == 0x80 | CLOSE:
            connection.sendall(_CLOSE_1000)
            connection.shutdown(socket.SHUT_WR)
            _wait_for_end(connection)
            break
    return taken // frame_bytes


# ---------------------------------------------------------------- openings


def greet(connection: socket.socket, listener: socket.socket, _query: Query) -> int:
    """``/greet``: let clients come and go, one after the other; return how many there were."""
    count = 0
    while True:
        with connection:
            _see_off(connection)
        count += 1
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            answer_opening(connection)
        except ConnectionError:
            connection.close()  # a knock
            return count


def _see_off(connection: socket.socket) -> None:
    """Wait for the close frame, and answer it; a client may leave without one."""
    if connection.recv(4096)[:1] == bytes([0x80 | CLOSE]):
        connection.sendall(_CLOSE_1000)


def visit(_invitation: socket.socket, listener: socket.socket, query: Query) -> int:
    """``/visit``: come to the server at ``port`` and leave, again and again; return how often."""
    count = 0
    while not select.select([listener], [], [], 0)[0]:
        with _client(query["port"]) as server:
            server.sendall(_MASKED_CLOSE_1000)
            _wait_for_end(server)
        count += 1
    return count


SERVICES: dict[str, Service] = {
    "/blast": blast,
    "/push": push,
    "/echo": echo,
    "/sink": sink,
    "/greet": greet,
    "/visit": visit,
}


def serve(connection: socket.socket, listener: socket.socket) -> int:
    """Serve one request to its end; return how many messages were sent, or taken."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    path, query = answer_opening(connection)
    return SERVICES[path](connection, listener, query)


def _report(**facts: int) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Serve on a free port of the loopback interface until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--certificate", help="speak TLS, with this file of key and certificates")
    given = parser.parse_args()
    tls: ssl.SSLContext | None = None
    if given.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(given.certificate)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        _report(port=listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    if tls is None:
                        sent = serve(connection, listener)
                    else:
                        with tls.wrap_socket(connection, server_side=True) as secured:
                            sent = serve(secured, listener)
                except (ConnectionError, TimeoutError):
                    sent = -1  # the contestant left early; it says itself why
            _report(sent=sent)


if __name__ == "__main__":
    main()
