"""Plays the server of one recorded crossing to one client."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
from typing import TYPE_CHECKING, Final

from longwire.chaos.frames import CLOSE, PING, PONG, FrameReader, make_frame
from longwire.chaos.opening import BLANK_LINE, answer
from longwire.chaos.recording import Ended, FrameSeen, More
from longwire.chaos.script import records_of
from longwire.errors import RecordingError

if TYPE_CHECKING:
    from longwire.chaos.frames import Frame
    from longwire.chaos.opening import RequestHead
    from longwire.chaos.recording import Answered, Record, Recording
    from longwire.chaos.script import Script
    from longwire.chaos.side import Side
    from longwire.chaos.tap import End

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PATIENCE: Final = 5.0
"""Seconds for a client to read what was sent before a reset, and to end after our end."""
_MARK: Final = b"longwire replay"
"""The payload of the ping that asks whether a client has read everything."""


class Player:
    """One connection of a replay.

    Args:
        recording, script: What is played.
        speed: How many times as fast as it was recorded; ``math.inf``: without any wait.
        side: The connection. It is not closed here.
        in_step: Whether the client's messages are waited for, where the recorded one sent some.
    """

    def __init__(
        self, recording: Recording, script: Script, speed: float, side: Side, *, in_step: bool
    ) -> None:
        self._recording = recording
        self._script = script
        self._speed = speed
        self._side = side
        self._in_step = in_step
        self._came = self._awaited = 0
        """Messages of the client's: so many have come, and so many came when it was recorded."""
        self._comes = asyncio.Event()
        self._frames = FrameReader()
        self._lacking = 0
        """Bytes of the frame being sent: nothing else can be sent in between."""
        self._owed: list[bytes] = []
        """Pongs that wait for it."""
        self._close_sent = False
        self._left = False
        """The client was the first to close, which the script did not foresee."""
        self._how = "left by the client"
        self._all_read = asyncio.Event()

    async def play(self, request: RequestHead) -> str:
        """Play it until both sides have ended; says how it went, in a word.

        Raises:
            OSError: the client has reset the connection before anything was played.
        """
        self._began = asyncio.get_running_loop().time()
        self._zero = self._script.asked
        answered = self._script.answered
        if answered is not None:
            await self._until(answered.at)
        head, opens = _answer(request, self._script)
        if head:
            await self._side.write(head)
        if head and not opens:
            self._side.finish()
            await self._wait_for_end()
            return "refused"
        if answered is not None:
            self._began = asyncio.get_running_loop().time()
            self._zero = answered.at
        return await self._play_frames()

    async def _play_frames(self) -> str:
        """Send and listen, until the client has ended or has been ended."""
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send())
            try:
                await self._listen()
            except OSError:
                self._how = "reset by the client"
            finally:
                sending.cancel()
        return self._how

    # -- the script ---------------------------------------------------------------------------

    def _due(self, at: int) -> float:
        """When something recorded is to happen, by the loop's clock."""
        return self._began + (at - self._zero) / 1e9 / self._speed

    async def _until(self, at: int) -> None:
        """Wait for the moment of something recorded."""
        wait = self._due(at) - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)

    async def _send(self) -> None:
        """Do what the server did."""
        try:
            async with contextlib.aclosing(records_of(self._script, self._recording)) as records:
                async for record in records:
                    if isinstance(record, Ended) and record == self._script.ended:
                        await self._until(record.at)
                        await self._end(record.how)
                        return
                    await self._send_one(record)
        except RecordingError as error:
            # It could be read when the replay began. The client must not wait for what is gone.
            self._how = f"broken off: {error}"
            self._side.reset()

    async def _keep_step(self, at: int) -> None:
        """Wait for a message of the client's; what follows is as much later as that is."""
        self._awaited += 1
        if self._came >= self._awaited:
            return
        how, self._how = self._how, f"left by the client: its message {self._awaited} was awaited"
        while self._came < self._awaited:
            self._comes.clear()
            await self._comes.wait()
        self._how = how
        self._began += max(0.0, asyncio.get_running_loop().time() - self._due(at))

    async def _send_one(self, record: Record) -> None:
        # Behind a close frame no client sends anything that could be waited for.
        if self._in_step and not self._close_sent and self._script.receives(record):
            await self._keep_step(record.at)
        raw = self._script.sends(record)
        if not raw:
            return
        await self._until(record.at)
        if self._left:
            return
        if isinstance(record, FrameSeen):
            self._lacking = record.lacking
            if record.opcode == CLOSE:
                self._close_sent, self._how = True, "closed"
        elif isinstance(record, More):
            # Without a frame before them these bytes are half a header, which stays so.
            self._lacking = max(0, self._lacking - len(raw)) if self._lacking else 1
        await self._side.write(raw)
        if self._owed and not self._lacking:
            owed, self._owed = self._owed, []
            await self._side.write(b"".join(owed))

    async def _end(self, how: End) -> None:
        if self._left:
            return
        if not self._close_sent:
            self._how = "reset" if how == "reset" else "ended"
        if how == "reset":
            await self._let_client_read()
            self._side.reset()
        else:
            self._side.finish()

    async def _let_client_read(self) -> None:
        """Wait until the client has read all of it, for a reset destroys what is on its way."""
        if self._lacking or self._close_sent:
            return
        await self._side.write(make_frame(PING, _MARK).raw)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._all_read.wait()

    # -- the client ---------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Read what the client says, and answer where a server must."""
        while data := await self._side.reader.read(2**16):
            for frame in self._frames.feed(data):
                self._came += frame.ends_message
                self._comes.set()
                if frame.opcode == PING:
                    await self._answer_ping(frame)
                elif frame.opcode == PONG and frame.payload == _MARK:
                    self._all_read.set()
                elif frame.opcode == CLOSE:
                    await self._answer_close(frame)
                    if self._left or self._script.ended is None:
                        self._side.finish()
                        await self._wait_for_end()
                        return

    async def _answer_ping(self, ping: Frame) -> None:
        deaf_from = self._script.deaf_from
        now = asyncio.get_running_loop().time()
        if self._close_sent or (deaf_from is not None and now >= self._due(deaf_from)):
            return
        pong = make_frame(PONG, ping.payload).raw
        if self._lacking:
            self._owed.append(pong)
        else:
            await self._side.write(pong)

    async def _answer_close(self, close: Frame) -> None:
        if self._close_sent:
            return
        self._left, self._how = True, "closed by the client"
        if not self._lacking:
            self._close_sent = True
            await self._side.write(make_frame(CLOSE, close.payload).raw)

    async def _wait_for_end(self) -> None:
        """Give the client time to end TCP, too, so that it is not reset with something unread."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while await self._side.reader.read(2**16):
                    pass


def _answer(request: RequestHead, script: Script) -> tuple[bytes, bool]:
    """The answer to an opening request, and whether it opens; no bytes: there was none."""
    answered = script.answered
    if answered is None:
        return b"", False
    if answered.status != 101:
        return answer(answered.status), False
    offered = b",".join(request.values(b"sec-websocket-extensions"))
    if answered.extensions and b"permessage-deflate" not in offered:
        return answer(400, body="the recording is compressed: offer permessage-deflate\n"), False
    return _agreement(request, answered), True


def _agreement(request: RequestHead, answered: Answered) -> bytes:
    (key,) = request.values(b"sec-websocket-key")
    accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    fields = [b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: " + accept]
    offered = b",".join(request.values(b"sec-websocket-protocol")).split(b",")
    if answered.subprotocol is not None:
        chosen = answered.subprotocol.encode("latin-1")
        # What a client does not offer, it does not accept.
        if chosen in {one.strip() for one in offered}:
            fields.append(b"Sec-WebSocket-Protocol: " + chosen)
    if answered.extensions is not None:
        fields.append(b"Sec-WebSocket-Extensions: " + answered.extensions.encode("latin-1"))
    return b"\r\n".join([b"HTTP/1.1 101 Switching Protocols", *fields]) + BLANK_LINE
