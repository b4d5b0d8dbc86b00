"""Loops that look into a queue between two receives, and a thread whose poll may wait."""

import asyncio
import queue

import serial
import websockets

stop: queue.Queue = queue.Queue()


async def consume(ws: websockets.WebSocketClientProtocol, handle):
    while True:
        if not stop.empty():
            stop.get(timeout=1)
            await ws.close()
            break
        try:
            handle(await asyncio.wait_for(ws.recv(), 5))
        except asyncio.TimeoutError:
            pass


def pump(port: serial.Serial, outgoing: queue.Queue):
    while True:
        if not outgoing.empty():
            port.write(outgoing.get_nowait())
        line = port.readline()
        if line:
            print(line)


async def heartbeat(ws: websockets.WebSocketClientProtocol, state):
    while state.running:
        if state.due:
            await ws.ping()
        await state.changed()
