"""The end is named, and passed over; or suppressed."""

import contextlib

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def consume(url, handle):
    async with connect(url) as connection:
        while True:
            try:
                message = await connection.recv()
            except ConnectionClosed:  # LW101
                print("closed")
            else:
                handle(message)


async def consume_quietly(url, handle):
    async with connect(url) as connection:
        while True:
            with contextlib.suppress(Exception):  # LW101
                handle(await connection.recv())


async def consume_nested(url, handle):
    async with connect(url) as connection:
        try:
            while True:
                try:
                    try:
                        handle(await connection.recv())
                    except KeyError as missing:
                        print("no", missing)
                except (ValueError, ConnectionClosed):  # LW101
                    pass
        finally:
            print("done")
