"""The peer of every contestant: a process of its own with plain blocking sockets and no library.

``/blast?kind=binary&size=64`` sends numbered frames as fast as they are taken, until somebody
knocks: makes a second connection, which is not answered. A close frame follows. With ``deflate=1``
they are compressed. ``/echo`` sends
every message back at once. One connection is served after the other. The blaster prints its port,
then for each connection what it sent, a JSON object a line, and ends with its standard input, so
that it cannot outlive who started it.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import threading
import time

from benchmarks.client_frames import CLOSE, PING, PONG, ClientFrames
from benchmarks.cores import pin
from benchmarks.frames import NumberedFrames, header
from benchmarks.opening import answer_opening
from benchmarks.packed import PackedFrames

_CLOSE_1000 = b"\x88\x02\x03\xe8"
_LONGEST = 120.0  # seconds of sending, if nobody knocks


def blast(
    connection: socket.socket, listener: socket.socket, frames: NumberedFrames | PackedFrames
) -> int:
    """Send frames until somebody knocks, then the close frame; return how many were sent."""
    incoming = ClientFrames()
    sent = 0
    end = time.perf_counter() + _LONGEST
    while time.perf_counter() < end:
        connection.sendall(frames.next_block())
        sent += frames.per_block
        heard, _, _ = select.select([connection, listener], [], [], 0)
        if connection in heard and _answer_pings(connection, incoming):
            return sent
        if listener in heard:
            listener.accept()[0].close()
            break
    # A half-close follows at once: a client that hands close frames to the user sees an end, too.
    connection.sendall(_CLOSE_1000)
    connection.shutdown(socket.SHUT_WR)
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


def echo(connection: socket.socket) -> int:
    """Send back every message until the client leaves; return how many there were."""
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


def serve(connection: socket.socket, listener: socket.socket) -> int:
    """Serve one connection to its end; return how many messages were sent."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    path, query = answer_opening(connection)
    if path == "/echo":
        pin("peer")
        return echo(connection)
    size = int(query["size"])
    frames = PackedFrames(size) if "deflate" in query else NumberedFrames(query["kind"], size)
    sent = blast(connection, listener, frames)
    # The client closes first, so that nothing of what is still on its way is cut off by a reset.
    connection.settimeout(60.0)
    while connection.recv(65_536):
        pass
    return sent


def _report(**facts: int) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Serve connections on a free port of the loopback interface until standard input ends."""
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _report(port=listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    sent = serve(connection, listener)
                except (ConnectionError, TimeoutError):
                    sent = -1  # the contestant left early; it says itself why
            _report(sent=sent)


if __name__ == "__main__":
    main()
