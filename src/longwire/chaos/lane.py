"""One direction of a crossing: what comes from one side, goes through the faults, to the other."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Final

from longwire.chaos.fault import Parcel
from longwire.chaos.frames import CONT, FrameReader
from longwire.chaos.line import Line
from longwire.chaos.opening import BLANK_LINE, inflates, status_of, with_independent_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from longwire.chaos.armed import Armed
    from longwire.chaos.crossing import Crossing
    from longwire.chaos.fault import Direction
    from longwire.chaos.frames import Frame
    from longwire.chaos.side import Side
    from longwire.chaos.tap import End

_READ: Final = 2**16
_MASK: Final = b"\x5a\xc3\x3c\xa5"
_PATIENCE: Final = 1.0
"""Seconds that an act of a fault waits for what is in front of it."""
_LONGEST_FRAME: Final = 2**20
"""A longer frame goes on as it comes, or is lost, but no fault changes it: a proxy is no store."""
_TAIL: Final = b"\x00\x00\xff\xff"
_MOST_TEXT: Final = 2**20
"""Bytes of a message that are looked at for text."""


class Lane:
    """What passes in one direction.

    Attributes:
        frames, messages: That have come so far, with the one that is being looked at.
        line: What has passed, and waits to be handed to the system.
    """

    def __init__(
        self, crossing: Crossing, direction: Direction, source: Side, target: Side
    ) -> None:
        self.crossing = crossing
        self.direction = direction
        self.source = source
        self.target = target
        self.frames = self.messages = 0
        self._armed: list[Armed] = []
        self._seeing: list[Armed] = []
        """Those that look at frames: each costs something for every one of them."""
        self._tap = crossing.proxy.tap
        self._head: bytearray | None = bytearray() if direction == "s2c" else None
        self._reader: FrameReader | None = None
        self._large: Frame | None = None
        """The beginning of a frame that is too long to be kept, until it has passed."""
        self._large_size = 0
        """Bytes of it, with its header."""
        self._unseen = 0
        """Bytes of it still to come."""
        self._loses = False
        """It does not go on."""
        self._passing = False
        """Bytes are going through the faults; where one of them acts may be within a frame."""
        self._postponed = bytearray()
        """What was injected where no frame may stand."""
        self._in_message = False
        """Of a message in fragments not all have gone on."""
        self._messages: list[Frame] = []
        """What was injected where no message may begin."""
        self._counted = False
        """Someone counts bytes, and is to act at the very frame."""
        self._out: list[bytes] = []
        """Frames that go on in one parcel."""
        self.line = Line(target)

    # -- what faults do with it ---------------------------------------------------------------

    def inject(self, frame: Frame) -> None:
        """Send a frame behind what has passed so far; no fault sees it.

        It waits for the opening to be through, and for the end of a frame that is just passing; a
        message also waits for the end of one that is passing in fragments.
        """
        if self._in_message and frame.is_data and frame.opcode != CONT:
            self._messages.append(frame)
            return
        self.inject_bytes(frame.raw)
        self._note(frame)

    def inject_bytes(self, data: bytes) -> None:
        """The same with bytes, whatever they are: they wait for no message."""
        if self._reader is None or self._passing or self._large is not None:
            self._postponed += data
            return
        self._flush()
        self.line.join(Parcel(data))

    @property
    def mask(self) -> bytes | None:
        """What a frame that is made for this direction is masked with, as a client's must be."""
        return _MASK if self.direction == "c2s" else None

    @property
    def has_room(self) -> bool:
        """Whether what waits is within its bounds."""
        return self.line.has_room and len(self._postponed) <= _LONGEST_FRAME

    def hurry(self) -> None:
        """Let everything that waits for its moment go on at once."""
        self.line.hurry()

    def hold(self) -> None:
        """Read nothing and let nothing go on, until `release`."""
        self.line.hold()

    def release(self) -> None:
        """Go on after `hold`; what has waited goes on in one burst."""
        self.line.release()

    @property
    def swallows(self) -> bool:
        """Nothing goes on, not even the end; but everything is read, whoever else does not read."""
        return self.line.sealed

    @swallows.setter
    def swallows(self, swallows: bool) -> None:
        self.line.seal(swallows)

    def swallow(self) -> None:
        """From now on read everything, and let nothing go on behind what has passed so far."""
        self._flush()
        self.swallows = True

    def _inject_postponed(self) -> None:
        if self._postponed:
            data = bytes(self._postponed)
            self._postponed.clear()
            self.inject_bytes(data)

    def _note(self, frame: Frame) -> None:
        """See whether a message may begin behind what has gone on, or goes on now."""
        if frame.is_data:
            self._in_message = not frame.fin
            while self._messages and not self._in_message:
                message = self._messages.pop(0)
                self._in_message = not message.fin
                self.inject_bytes(message.raw)

    def when_delivered(self, call: Callable[[], object]) -> None:
        """Call something as soon as all that has passed so far is handed to the system.

        Or a second after the moment of the last of it, so that a target which does not read cannot
        hold it up.
        """
        once = _Once(call)
        self._flush()
        self.line.behind(once)
        self.crossing.later(self.line.delay + _PATIENCE, once)

    def finish(self) -> None:
        """End this direction behind what has passed so far: FIN, where the transport can."""
        self._flush()
        self.line.ended = True
        self.line.behind(self.target.finish)

    def text_of(self, frame: Frame) -> str | None:
        """What a data frame says, where it can be known: inflated, unmasked, as UTF-8.

        None for control frames, for fragments of compressed messages, and where messages are
        compressed with a context that has been taken over.
        """
        if not frame.is_data:
            return None
        payload = frame.payload
        if frame.rsv & 4 and self.crossing.inflates:
            if not frame.fin:
                return None
            try:
                payload = zlib.decompressobj(wbits=-15).decompress(payload + _TAIL, _MOST_TEXT)
            except zlib.error:
                return None
        return payload[:_MOST_TEXT].decode(errors="replace")

    # -- what the crossing does with it -------------------------------------------------------

    def arm(self, armed: Armed) -> None:
        """Let a fault see what passes, in place of those that are over."""
        self._armed = [one for one in [*self._armed, armed] if not one.over]
        self._seeing = [one for one in self._armed if one.sees_frames]
        self._counted = self._counted or armed.counts_bytes

    def open(self) -> None:
        """The opening is through: what follows are frames."""
        self._reader = FrameReader()
        self._inject_postponed()

    async def run(self) -> None:
        """Carry what comes, until the end has been passed on."""
        async with asyncio.TaskGroup() as group:
            delivering = group.create_task(self.line.deliver())
            await self._receive()
            if self.swallows:
                delivering.cancel()

    # -- from the source ----------------------------------------------------------------------

    async def _receive(self) -> None:
        while True:
            await self.line.room()
            if self._tap is not None:
                await self._tap.ready()
            try:
                data = await self.source.reader.read(_READ)
            except OSError:
                self._end_of_source("reset", self.target.reset)
                return
            if not data:
                self._end_of_source("fin", self.target.finish)
                return
            self._take(data)
            self._flush()

    def _end_of_source(self, how: End, pass_on: Callable[[], object]) -> None:
        if self._tap is not None:
            self._tap.ended(self.crossing, self.direction, how)
        self._pass_head()
        if self._large is None:
            for one in self._armed:
                if one.works:
                    self._out += (frame.raw for frame in one.fault.kept(self))
            self._flush()
        if self._reader is not None and self._reader.partial:
            self._pass((Parcel(self._reader.take_rest()),))
        patience = max((one.fault.patience(self) for one in self._armed if one.works), default=0.0)
        if patience:
            due = asyncio.get_running_loop().time() + patience
            self.line.join(Parcel(b"", due))
        if self.swallows:
            return
        if not self.line.ended:
            self.line.ended = True
            self.line.behind(pass_on)

    def _take(self, data: bytes) -> None:
        if self._head is not None:
            self._take_head(data)
        elif self._reader is None:
            self._pass((Parcel(data),))
        else:
            self._take_frames(data)

    def _take_head(self, data: bytes) -> None:
        """Collect the server's answer up to its blank line."""
        assert self._head is not None  # noqa: S101 - for mypy
        self._head += data
        head, blank, rest = bytes(self._head).partition(BLANK_LINE)
        if not blank:
            if len(head) > _READ or head[:5] != b"HTTP/"[: len(head)]:
                # Not HTTP, so not WebSocket either: nothing here is understood, all of it goes on.
                self._pass_head()
            return
        self._head = None
        head += blank
        if self._tap is not None:
            self._tap.answered(self.crossing, head)
        if self.crossing.proxy.compression == "independent":
            head = with_independent_client(head)
        for one in self._armed:
            if one.works:
                head = one.fault.response(head)
        self._pass((Parcel(head),))
        status = status_of(head)
        if status == 101:
            self.crossing.opened(inflates=inflates(head))
        else:
            self.crossing.journal.tell("declines", crossing=self.crossing.number, status=status)
        if rest:
            self._take(rest)

    def _pass_head(self) -> None:
        """Let go on what has come of an answer that will not be whole."""
        if self._head:
            self._pass((Parcel(bytes(self._head)),))
        self._head = None

    def _take_frames(self, data: bytes) -> None:
        reader = self._reader
        assert reader is not None  # noqa: S101 - for mypy
        if self._tap is not None:
            self._tap.received(self.crossing, self.direction, data)
        if self._large is not None:
            data = self._take_large(self._large, data)
        for frame in reader.feed(data):
            self._take_frame(frame)
        if reader.begun > _LONGEST_FRAME:
            self._unseen = reader.missing
            self._begin_large(reader.take_beginning())

    def _begin_large(self, frame: Frame) -> None:
        """Let a frame that is too long to be kept go on as it comes, or not at all."""
        self._count(frame)
        self._large_size = len(frame.raw) + self._unseen
        size = self._large_size - frame.head
        self._loses = False
        for one in self._armed:
            if not (one.over or self._loses):
                self._loses = not one.large(frame, size, self)
        self._large = frame
        if not self._loses:
            self._out.append(frame.raw)
            self._note(frame)

    def _take_large(self, frame: Frame, data: bytes) -> bytes:
        """Take what belongs to such a frame; returns the rest."""
        piece, rest = data[: self._unseen], data[self._unseen :]
        self._unseen -= len(piece)
        if not self._loses:
            self._out.append(piece)
        if not self._unseen:
            self._large = None
            for one in self._armed:
                if not one.over:
                    one.passed(frame, self, self._large_size)
            self._inject_postponed()
        return rest

    def _count(self, frame: Frame) -> None:
        self.frames += 1
        self.messages += frame.ends_message

    def _take_frame(self, frame: Frame) -> None:
        self._count(frame)
        if not self._seeing:
            self._let_go_on(frame)
            return
        frames: Iterable[Frame] = (frame,)
        for one in self._seeing:
            if not one.over:
                frames = _through(one, frames, self)
        for passed in frames:
            self._let_go_on(passed)

    def _let_go_on(self, frame: Frame) -> None:
        self._out.append(frame.raw)
        self._note(frame)
        if self._counted:
            self._flush()

    # -- to the target ------------------------------------------------------------------------

    def _flush(self) -> None:
        """Let the frames that have passed go on."""
        if self._out:
            data = b"".join(self._out)
            self._out.clear()
            self._passing = True
            self._pass((Parcel(data),))
            self._passing = False
            self._inject_postponed()

    def _pass(self, parcels: Iterable[Parcel]) -> None:
        for one in self._armed:
            if not one.over:
                parcels = _parcels_through(one, parcels, self)
        for parcel in parcels:
            self.line.join(parcel)


class _Once:
    """A call that happens once, whoever comes first."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call: Callable[[], object] | None = call

    def __call__(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


def _through(one: Armed, frames: Iterable[Frame], lane: Lane) -> Iterable[Frame]:
    for frame in frames:
        yield from one.frame(frame, lane)


def _parcels_through(one: Armed, parcels: Iterable[Parcel], lane: Lane) -> Iterable[Parcel]:
    for parcel in parcels:
        yield from one.parcel(parcel, lane)
