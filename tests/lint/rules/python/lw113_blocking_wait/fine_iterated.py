"""Goes over what comes from a broker: in a thread, or without waiting in the loop."""

import asyncio
import json

import redis.asyncio
import websockets
from kafka import KafkaConsumer


def read(loop, queue):
    for message in KafkaConsumer("prices", bootstrap_servers="localhost:9092"):
        loop.call_soon_threadsafe(queue.put_nowait, message.value)


async def alerts(ws: websockets.ServerConnection):
    pubsub = redis.asyncio.Redis().pubsub()
    await pubsub.subscribe("alerts")
    async for alert in pubsub.listen():
        await ws.send(json.dumps(alert))


async def prices(ws: websockets.ServerConnection):
    queue = asyncio.Queue(100)
    reading = asyncio.create_task(asyncio.to_thread(read, asyncio.get_running_loop(), queue))
    try:
        while True:
            await ws.send(json.dumps(await queue.get()))
    finally:
        await reading
