"""aiohttp pings only where it is told to."""

import aiohttp


class Stream:
    def __init__(self, url):
        self.url = url
        self._session = aiohttp.ClientSession()
        self._ws = None

    async def __aenter__(self):
        self._ws = await self._session.ws_connect(self.url, autoclose=True)  # LW131
        return self

    async def __aexit__(self, *error):
        await self._ws.close()
        await self._session.close()

    async def messages(self):
        async for message in self._ws:
            if message.type == aiohttp.WSMsgType.TEXT:
                yield message.json()
