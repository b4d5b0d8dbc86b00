"""Lines of a log that come in on a thread, and go to all who look at them at once."""

import asyncio
import logging

import websockets


class Watched(logging.Handler):
    def __init__(self, watchers: set[websockets.ServerConnection]):
        super().__init__()
        self.watchers = watchers

    def emit(self, record):
        asyncio.run(self.show(self.format(record)))  # LW156

    async def show(self, line):
        await asyncio.gather(*[watcher.send(line) for watcher in self.watchers])
