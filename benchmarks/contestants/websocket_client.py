"""websocket-client, the blocking one: ``create_connection`` and ``recv``; no compression."""

from __future__ import annotations

from websocket import WebSocketConnectionClosedException, create_connection

from benchmarks.contestant import Meter, main


def one(url: str, meter: Meter) -> None:
    """Count until the stream ends."""
    websocket = create_connection(url)
    meter.begin()
    try:
        while websocket.recv():
            meter.count += 1
    except WebSocketConnectionClosedException:
        pass  # some versions say so, others return an empty message
    finally:
        websocket.close()


if __name__ == "__main__":
    main(one=one)
