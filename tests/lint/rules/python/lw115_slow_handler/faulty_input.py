"""A chat in the terminal: the prompt stops the whole program, the reader too."""

import asyncio

import serial
from websockets.asyncio.client import connect


async def read(ws):
    async for message in ws:
        print("<", message)


async def write(ws):
    while True:
        text = input("> ")  # LW115
        if text == "quit":
            break
        await ws.send(text)


def ask(prompt):
    while True:
        text = input(prompt)  # LW115
        if text:
            return text


async def copy(ws):
    port = serial.Serial("/dev/ttyUSB0", 9600, timeout=1)
    while True:
        await ws.send(port.readline())  # LW115


async def main(url):
    async with connect(url) as ws:
        reader = asyncio.create_task(read(ws))
        await ws.send(ask("name: "))
        await write(ws)
        reader.cancel()


asyncio.run(main("wss://chat.example"))
