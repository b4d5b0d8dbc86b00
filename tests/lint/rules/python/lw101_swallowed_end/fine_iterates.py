"""Iterating ends with the connection, and other receives are no connection's."""

import asyncio
import queue

import websockets


async def iterate(url, handle):
    async for ws in websockets.connect(url):
        try:
            async for message in ws:
                try:
                    handle(message)
                except Exception as error:
                    print(error)
        except websockets.ConnectionClosed:
            continue


async def from_queue(inbox: asyncio.Queue, handle):
    while True:
        try:
            handle(await inbox.get())
        except Exception as error:
            print(error)


def from_thread(inbox: queue.Queue, handle):
    while True:
        try:
            handle(inbox.get(timeout=1))
        except queue.Empty:
            continue
