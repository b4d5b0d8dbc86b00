"""Without a message there is another check."""

import time

import websockets


class Feed:
    def __init__(self):
        self.last_message = None
        self.began = time.monotonic()

    async def check(self, ws: websockets.ClientConnection):
        if self.last_message is not None:
            if time.monotonic() - self.last_message > 30:
                await ws.close()
        elif time.monotonic() - self.began > 30:
            await ws.close()
