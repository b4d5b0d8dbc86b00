"""picows' core API: a listener whose callback gets every frame, its payload copied to keep it.

``callbacks`` asks every frame whether it is the close frame and answers that, as the library's
guide says a graceful shutdown has to. ``unchecked`` asks nothing and takes every frame for data:
the fastest callback there is, good for a peer that is known to send nothing but data.
"""

from __future__ import annotations

import asyncio
import time

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.contestant import Meter, RoundTrips, main


class BinaryListener(WSListener):
    """Counts binary frames."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.payload: bytes | str = b""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Begin to measure."""
        self.meter.begin()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take the payload, count it."""
        if frame.msg_type == WSMsgType.CLOSE:
            _close(transport, frame)
            return
        self.payload = frame.get_payload_as_bytes()
        self.meter.count += 1


class TextListener(BinaryListener):
    """Counts text frames."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take the payload as text, count it."""
        if frame.msg_type == WSMsgType.CLOSE:
            _close(transport, frame)
            return
        self.payload = frame.get_payload_as_utf8_text()
        self.meter.count += 1


class UncheckedBinaryListener(BinaryListener):
    """Counts frames, whatever they are."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take the payload, count it."""
        self.payload = frame.get_payload_as_bytes()
        self.meter.count += 1


class UncheckedTextListener(BinaryListener):
    """Counts frames, whatever they are."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take the payload as text, count it."""
        self.payload = frame.get_payload_as_utf8_text()
        self.meter.count += 1


def _close(transport: WSTransport, frame: WSFrame) -> None:
    transport.send_close(frame.get_close_code(), frame.get_close_message())
    transport.disconnect()


class SendListener(WSListener):
    """Says when there is room to send."""

    def __init__(self) -> None:
        self.writable = asyncio.Event()
        self.writable.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Be disconnected by the answer to the close frame."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()

    def pause_writing(self) -> None:
        """Wait."""
        self.writable.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self.writable.set()


class EchoListener(WSListener):
    """Sends the next message from the callback of the last echo, the fastest way there is."""

    def __init__(self, trips: RoundTrips) -> None:
        self.trips = trips
        self.sent = 0.0

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Send the first."""
        self.trips.begin()
        self._send(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Record, and send the next."""
        frame.get_payload_as_bytes()
        if self.trips.record(self.sent, time.perf_counter()):
            self._send(transport)
        else:
            transport.disconnect()

    def _send(self, transport: WSTransport) -> None:
        self.sent = time.perf_counter()
        transport.send(WSMsgType.BINARY, self.trips.payload)


async def callbacks(url: str, meter: Meter) -> None:
    """Count until the close frame comes."""
    listener = TextListener if meter.text else BinaryListener
    transport, _ = await ws_connect(lambda: listener(meter), url, ssl_context=meter.tls)
    await transport.wait_disconnected()


async def unchecked(url: str, meter: Meter) -> None:
    """Count until the connection ends."""
    listener = UncheckedTextListener if meter.text else UncheckedBinaryListener
    transport, _ = await ws_connect(lambda: listener(meter), url, ssl_context=meter.tls)
    await transport.wait_disconnected()
    meter.count -= 1  # the close frame came to the same callback


async def send(url: str, meter: Meter) -> None:
    """Send as fast as the peer takes it."""
    listener = SendListener()
    transport, _ = await ws_connect(lambda: listener, url)
    meter.begin()
    payload, writable = meter.payload, listener.writable
    while not meter.over:
        transport.send(WSMsgType.BINARY, payload)
        meter.count += 1
        if not writable.is_set():
            await writable.wait()
    transport.send_close(WSCloseCode.OK)
    await transport.wait_disconnected()


async def visits(url: str, meter: Meter) -> None:
    """Open and close, again and again."""
    while meter.goes_on():
        transport, _ = await ws_connect(SendListener, url)
        transport.send_close(WSCloseCode.OK)
        await transport.wait_disconnected()
        meter.count += 1


async def echo(url: str, trips: RoundTrips) -> None:
    """Measure round trips."""
    transport, _ = await ws_connect(lambda: EchoListener(trips), url)
    await transport.wait_disconnected()


if __name__ == "__main__":
    main(callbacks=callbacks, unchecked=unchecked, send=send, visits=visits, echo=echo)
