"""Goes over what comes from a broker, in a coroutine."""

import json

import redis
import websockets
from kafka import KafkaConsumer

consumer = KafkaConsumer("prices", bootstrap_servers="localhost:9092")


async def prices(ws: websockets.ServerConnection):
    for message in consumer:  # LW113
        await ws.send(json.dumps(message.value))


class Alerts:
    def __init__(self):
        self.pubsub = redis.Redis().pubsub()

    async def forward(self, ws: websockets.ServerConnection):
        self.pubsub.subscribe("alerts")
        for alert in self.pubsub.listen():  # LW113
            await ws.send(json.dumps(alert))
