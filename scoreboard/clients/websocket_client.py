"""websocket-client: ``WebSocketApp.run_forever(reconnect=...)``.

Its documentation: https://github.com/websocket-client/websocket-client#long-lived-connection

The example there has `rel` as a dispatcher, too. Without one it reconnects just as well, and it
outlives its own ping timeouts: they are raised where `rel` calls it, and end the program.
"""

from __future__ import annotations

from websocket import WebSocketApp

from scoreboard.clients.telling import EVERY, arguments, block, take, tell

RECONNECT = 1
"""Whole seconds between two attempts; the documentation's example has 5, and 0 is never."""
WITHIN = EVERY * 0.8
"""The library demands that the patience is less than the interval."""


def main() -> None:
    """Receive for ever."""
    given = arguments()

    def opened(app: WebSocketApp) -> None:
        tell("up")
        if given.subscribe is not None:
            app.send(given.subscribe)

    def received(_app: WebSocketApp, message: str) -> None:
        work = take(message)
        block(work)
        if work.wait:
            block(type(work)(block=work.wait))

    def failed(_app: WebSocketApp, error: Exception) -> None:
        tell("down")
        tell("error", what=type(error).__name__)

    def closed(_app: WebSocketApp, _code: int | None, _reason: str | None) -> None:
        tell("down")

    app = WebSocketApp(
        given.url,
        on_open=opened,
        # What on_open does at first, it must do again; without this the library calls on_open.
        on_reconnect=opened,
        on_message=received,
        on_error=failed,
        on_close=closed,
    )
    app.run_forever(ping_interval=EVERY, ping_timeout=WITHIN, reconnect=RECONNECT)


if __name__ == "__main__":
    main()
