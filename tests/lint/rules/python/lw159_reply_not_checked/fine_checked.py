"""The reply is looked at, right there or by a function."""

import json

import websockets


class Refused(Exception):
    """The server has refused the subscription."""


def check(reply):
    if not json.loads(reply).get("success"):
        raise Refused(reply)


async def trades(url, handle):
    async with websockets.connect(url) as ws:
        await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
        check(await ws.recv())
        await ws.send(json.dumps({"op": "auth", "key": "key"}))
        reply = json.loads(await ws.recv())
        if "error" in reply:
            raise Refused(reply["error"])
        async for message in ws:
            handle(message)
