"""The same work in threads, in processes, or by libraries that are awaited."""

import asyncio
import subprocess

import aiosqlite
import websockets


async def run(url, model):
    async with aiosqlite.connect("alarms.db") as db, websockets.connect(url) as ws:
        async for message in ws:
            await db.execute("insert into alarms values (?)", (message,))
            await db.commit()
            await asyncio.to_thread(subprocess.run, ["notify-send", message], timeout=10)
            process = await asyncio.create_subprocess_exec("play", "alarm.wav")
            await process.wait()
            text = await asyncio.get_running_loop().run_in_executor(None, model.transcribe, message)
            await ws.send(text)


async def write(ws: websockets.WebSocketClientProtocol):
    while True:
        await ws.send(await asyncio.to_thread(input, "> "))
