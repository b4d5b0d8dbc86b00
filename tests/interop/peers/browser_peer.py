"""The peer in a headless Chromium; a client only. longwire itself drives it by its DevTools."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import longwire
from tests.interop.peers.contract import parse, take_orders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.interop.peers.contract import Fields

PAGE = Path(__file__).parent / "browser" / "page.html"
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
SWITCHES = (
    "--headless",
    "--no-sandbox",  # root has none; the only page it opens is ours
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--remote-debugging-port=0",
)


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[str]:
    """The address at which a browser of our own takes orders."""
    program = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program,
            *SWITCHES,
            f"--user-data-dir={profile}",
            "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            process_group=0,
        )
        assert process.stderr is not None
        try:
            async for line in process.stderr:
                said, _, url = line.decode(errors="replace").partition("DevTools listening on ")
                if not said:
                    yield url.strip()
                    break
        finally:
            # The program is a script around the browser, which has processes of its own.
            os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()


class DevTools:
    """Commands to the browser; what its page tells goes to the standard output."""

    def __init__(self, client: longwire.Client) -> None:
        self._client = client
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.ready = asyncio.Event()
        self.session: str | None = None

    async def listen(self) -> None:
        try:
            async for message in self._client:
                said = json.loads(message)
                if said.get("method") == "Runtime.bindingCalled":
                    self._tell(said["params"]["payload"])
                elif said.get("id") in self._answers:
                    self._answers.pop(said["id"]).set_result(said.get("result", {}))
        finally:
            # Nobody answers any more.
            for waiting in self._answers.values():
                waiting.cancel()

    def _tell(self, line: str) -> None:
        if parse(line)["event"] == "ready":
            self.ready.set()
        else:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        order = {"id": number, "method": method, "params": parameters}
        if self.session is not None:
            order["sessionId"] = self.session
        await self._client.send(json.dumps(order))
        return await self._answers[number]

    async def open(self, url: str) -> None:
        page = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self.session = attached["sessionId"]
        await self.call("Runtime.enable")
        await self.call("Runtime.addBinding", name="tell")
        await self.call("Page.enable")
        await self.call("Page.navigate", url=url)
        await self.ready.wait()


async def nobody(link: longwire.Link) -> None:
    await link.close()


async def page(request: longwire.OpeningRequest) -> longwire.Response:
    text = await asyncio.to_thread(PAGE.read_text)
    return longwire.Response(200, {"Content-Type": "text/html; charset=utf-8"}, text)


async def unable(order: Fields) -> None:
    raise NotImplementedError(f"a browser is no server: {order}")


async def main() -> None:
    this = asyncio.current_task()
    assert this is not None
    # The browser must not outlive us, whoever ends us.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    async with (
        longwire.serve(nobody, "127.0.0.1", 0, before_upgrade=page) as server,
        browser() as url,
        longwire.connect(url, retry=None) as client,
    ):
        devtools = DevTools(client)
        listening = asyncio.create_task(devtools.listen())
        await devtools.open(f"http://127.0.0.1:{server.port}/")

        async def connect(order: Fields) -> None:
            line = urlencode(order)
            await devtools.call("Runtime.evaluate", expression=f"order({json.dumps(line)})")

        await take_orders(unable, connect)
        listening.cancel()


if __name__ == "__main__":
    asyncio.run(main())
