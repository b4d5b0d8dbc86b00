"""A third task ends both sides, when a flag says that one has ended."""

import asyncio

import websockets

running = True


async def read(ws):
    global running
    try:
        while running:
            print(await ws.recv())
    except websockets.ConnectionClosed:
        print("closed")
        running = False


async def write(ws, queue):
    while running:
        text = await asyncio.to_thread(input, queue)
        await ws.send(text)


async def main(url, queue):
    async with websockets.connect(url) as ws:
        reader = asyncio.create_task(read(ws))
        writer = asyncio.create_task(write(ws, queue))

        async def watch():
            while running:
                await asyncio.sleep(0.5)
            reader.cancel()
            writer.cancel()

        watcher = asyncio.create_task(watch())
        try:
            await asyncio.gather(reader, writer, watcher)
        except asyncio.CancelledError:
            pass
        finally:
            await asyncio.gather(
                *[task for task in [reader, writer, watcher] if not task.done()],
                return_exceptions=True,
            )
