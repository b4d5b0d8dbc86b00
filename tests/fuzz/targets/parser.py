"""The message assembler: streams of frames, right and wrong, cut anywhere.

However the bytes are cut, the outcome is the same; `Parser` never raises; and where websockets'
own parser can be asked, it says the same.
"""

from __future__ import annotations

import codecs
import zlib
from typing import NamedTuple

from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, SERVER, Protocol

from longwire.chaos.frames import BINARY, CLOSE, CONT, TEXT, frame
from longwire.errors import MessageTooBig, ProtocolError
from longwire.link.deflate import PORTION, Deflate, DeflateParameters
from longwire.link.parser import Parser
from tests.fuzz.take import Take

LIMIT = 100_000
ROOM = 2**40
FORMS = [None, None, None, 16, 64]
OPCODES = [TEXT, BINARY, CONT, CONT, 9, 10, CLOSE, 3, 11]


class Outcome(NamedTuple):
    """What a stream says."""

    messages: list[str | bytes]
    controls: list[tuple[int, bytes]]
    code: int | None
    """The close code that what is wrong with it calls for."""


def check(data: bytes) -> None:
    """One stream."""
    take = Take(data)
    masked, packed, built = take.flag(), take.flag(), take.flag()
    parameters = None
    if packed:
        parameters = DeflateParameters(
            remote_no_context_takeover=take.flag(), remote_max_window_bits=take.one_of([15, 9, 8])
        )
    cuts = [1 + take.byte() for _ in range(4)]
    raw = frames(take, masked=masked, packed=packed) if built else take.rest()
    whole = outcome([raw], masked, parameters)
    assert outcome([raw[at : at + 1] for at in range(len(raw))], masked, parameters) == whole
    assert outcome(pieces(raw, cuts), masked, parameters) == whole
    assert outcome([raw], masked, parameters, room=1) == whole
    if packed:
        assert outcome([raw], masked, parameters, portion=200) == whole
    if not packed:
        compare(whole, theirs(raw, masked), raw)


def frames(take: Take, *, masked: bool, packed: bool) -> bytes:
    """A stream of frames that are mostly right."""
    raw = b""
    packer = zlib.compressobj(wbits=-9)
    while not take.done:
        odd = take.byte()
        opcode = take.one_of(OPCODES)
        payload = take.some() * take.one_of([1, 1, 1, 40, 900])
        rsv = take.byte() & 7 if odd & 0x03 == 0x03 else 0
        if packed and opcode in (TEXT, BINARY) and odd & 0x80:
            rsv = 4
            payload = (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
        form = None
        if odd & 0x0C == 0x0C:
            form = 64 if len(payload) > 65_535 or take.flag() else 16
        key = take.piece(4).ljust(4, b"\x55") if masked != (odd & 0x70 == 0x70) else None
        raw += frame(opcode, payload, fin=not odd & 0x04, rsv=rsv, mask=key, form=form)  # type: ignore[arg-type]
    return raw


def pieces(raw: bytes, sizes: list[int]) -> list[bytes]:
    """The bytes in pieces of these sizes, over and over."""
    cut: list[bytes] = []
    at = 0
    while at < len(raw):
        size = sizes[len(cut) % len(sizes)]
        cut.append(raw[at : at + size])
        at += size
    return cut


def outcome(
    cut: list[bytes],
    masked: bool,
    parameters: DeflateParameters | None,
    room: int = ROOM,
    portion: int = PORTION,
) -> Outcome:
    """What our parser makes of it."""
    parser = Parser(
        masked=masked,
        max_message_bytes=LIMIT,
        max_fragments=50,
        deflate=None if parameters is None else Deflate(parameters, portion=portion),
    )
    messages: list[str | bytes] = []
    controls: list[tuple[int, bytes]] = []
    for piece in cut:
        parser.feed(piece)
        while True:
            fresh = parser.parse(room, ROOM)
            assert len(fresh) <= room
            messages += fresh
            controls += parser.take_controls()
            if not parser.blocked:
                break
    assert all(len(message) <= LIMIT for message in messages)
    if isinstance(parser.error, MessageTooBig):
        return Outcome(messages, controls, 1009)
    assert parser.error is None or isinstance(parser.error, ProtocolError)
    return Outcome(messages, controls, parser.error.code if parser.error else None)


# ---------------------------------------------------------------- the same by websockets


def theirs(raw: bytes, masked: bool) -> Outcome:
    """What websockets makes of it, whose parser leaves messages and their text to others."""
    protocol = Protocol(SERVER if masked else CLIENT, max_size=LIMIT)
    protocol.receive_data(raw)
    messages: list[str | bytes] = []
    controls: list[tuple[int, bytes]] = []
    parts: list[bytes] = []
    opcode = 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    for event in protocol.events_received():
        assert isinstance(event, Frame)
        if event.opcode >= 8:
            controls.append((int(event.opcode), bytes(event.data)))
            continue
        if event.opcode is not Opcode.CONT:
            opcode, parts = int(event.opcode), []
            decoder.reset()
        parts.append(bytes(event.data))
        try:
            if opcode == TEXT:
                decoder.decode(parts[-1], event.fin)
        except UnicodeDecodeError:
            return Outcome(messages, controls, 1007)
        if event.fin:
            whole = b"".join(parts)
            messages.append(whole.decode() if opcode == TEXT else whole)
    name = type(protocol.parser_exc).__name__
    code = {"NoneType": None, "PayloadTooBig": 1009, "UnicodeDecodeError": 1007}.get(name, 1002)
    return Outcome(messages, controls, code)


def compare(ours: Outcome, other: Outcome, raw: bytes) -> None:
    """The same, but for rules that websockets does not check, or checks later."""
    if CLOSE in (opcode for opcode, _ in other.controls) or (
        ours.controls and ours.controls[-1][0] == CLOSE
    ):
        # What a close frame says, websockets checks at once; here it is `read_close` that does.
        assert ours.messages == other.messages
        return
    if ours.code is not None and breaks_a_rule_of_ours(raw):
        assert ours.messages == other.messages[: len(ours.messages)]
        return
    if ours.code == 1002 and other.code == 1009:
        # Of a frame that is too long and breaks another rule as well, websockets says the former.
        ours = ours._replace(code=1009)
    assert ours == other


def breaks_a_rule_of_ours(raw: bytes) -> bool:
    """Whether a length is not in its shortest form, there are many fragments, or a frame is cut."""
    at = fragments = 0
    while at < len(raw):
        if at + 2 > len(raw):
            return True
        fragments += raw[at] & 0x0F == CONT
        masked, length = raw[at + 1] & 0x80, raw[at + 1] & 0x7F
        header = 2
        if length >= 126:
            header += 2 if length == 126 else 8
            size = int.from_bytes(raw[at + 2 : at + header], "big")
            if size < 126 or (length == 127 and (size < 65_536 or size >> 63)):
                return True
            length = size
        at += header + (4 if masked else 0) + length
    return fragments >= 50 or at > len(raw)
