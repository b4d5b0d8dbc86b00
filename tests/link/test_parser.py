"""Bytes to messages: the same however they are cut, exact limits, and every violation's code."""

from __future__ import annotations

import itertools
import os
import sys
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, frame
from longwire.core.overflow import size_of
from longwire.errors import MessageTooBig, ProtocolError
from longwire.link.deflate import PORTION, Deflate, DeflateParameters
from longwire.link.framing import MAX_CONTROL, NO_LIMIT, SMALL_REST
from longwire.link.inbox import Inbox
from longwire.link.lender import READ_BUFFER
from longwire.link.parser import OWN_MEMORY, Parser
from longwire.testing.violations import VIOLATIONS, deflate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.testing.violations import Violation

Data = str | bytes
Seen = tuple[list[Data], list[tuple[int, bytes]]]

FORGETFUL = DeflateParameters(local_no_context_takeover=True, remote_no_context_takeover=True)
BOUNDARIES = (
    *(0, 1, 125, 126, 127, 65_535, 65_536),
    *(edge + off for edge in (SMALL_REST, OWN_MEMORY, READ_BUFFER) for off in (-10, -4, 0, 1)),
)
"""Where the form of the length changes, and where a frame stops fitting into the buffer."""


def make(
    *,
    masked: bool = False,
    limit: int = 2**20,
    fragments: int = 100,
    packed: DeflateParameters | None = None,
    portion: int = PORTION,
) -> Parser:
    return Parser(
        masked=masked,
        max_message_bytes=limit,
        max_fragments=fragments,
        deflate=None if packed is None else Deflate(packed, portion=portion),
    )


def run(
    parser: Parser, pieces: Sequence[bytes], room: int = NO_LIMIT, room_bytes: int = NO_LIMIT
) -> Seen:
    """Feed the pieces one by one; room, if there is little, is there again at once."""
    messages: list[Data] = []
    controls: list[tuple[int, bytes]] = []
    for piece in pieces:
        parser.feed(piece)
        while True:
            messages += parser.parse(room, room_bytes)
            controls += parser.take_controls()
            if not parser.blocked:
                break
    return messages, controls


def one_by_one(raw: bytes) -> list[bytes]:
    return [raw[at : at + 1] for at in range(len(raw))]


def problem(parser: Parser) -> int:
    """The close code that its error calls for."""
    if isinstance(parser.error, MessageTooBig):
        return 1009
    assert isinstance(parser.error, ProtocolError)
    return parser.error.code


# ---------------------------------------------------------------- the same however it is cut

payloads = st.one_of(st.text(max_size=150), st.binary(max_size=300))
controls = st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=MAX_CONTROL))


@st.composite
def streams(draw: st.DrawFn) -> tuple[bool, bytes, list[Data], list[tuple[int, bytes]]]:
    """A legal stream of any shape, and what it says."""
    masked = draw(st.booleans())
    raw = b""
    said: list[Data] = []
    answered: list[tuple[int, bytes]] = []

    def put(opcode: int, payload: bytes, *, fin: bool = True, rsv: int = 0) -> None:
        nonlocal raw
        key = draw(st.binary(min_size=4, max_size=4)) if masked else None
        raw += frame(opcode, payload, fin=fin, rsv=rsv, mask=key)

    for _ in range(draw(st.integers(0, 5))):
        message = draw(payloads)
        said.append(message)
        opcode = TEXT if isinstance(message, str) else BINARY
        whole = message.encode() if isinstance(message, str) else message
        packed = draw(st.booleans())
        if packed:
            whole = deflate(whole)
        cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=4)))
        parts = [whole[a:b] for a, b in itertools.pairwise([0, *cuts, len(whole)])]
        for number, part in enumerate(parts):
            put(
                opcode if number == 0 else CONT,
                part,
                fin=number == len(parts) - 1,
                rsv=4 if packed and number == 0 else 0,
            )
            if draw(st.booleans()):
                answered.append(draw(controls))
                put(*answered[-1])
    return masked, raw, said, answered


@given(streams(), st.data())
def test_a_stream_says_the_same_however_it_is_cut(
    stream: tuple[bool, bytes, list[Data], list[tuple[int, bytes]]], data: st.DataObject
) -> None:
    """Byte by byte, in any pieces, and all at once: the same messages and control frames."""
    masked, raw, said, answered = stream
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    for pieces in (
        [raw],
        one_by_one(raw),
        [raw[a:b] for a, b in itertools.pairwise([0, *cuts, len(raw)])],
    ):
        parser = make(masked=masked, packed=FORGETFUL)
        assert run(parser, pieces) == (said, answered)
        assert parser.error is None
        assert not parser.partial


@given(streams(), st.integers(1, 200), st.integers(1, 3))
def test_steps_change_nothing_but_the_pace(
    stream: tuple[bool, bytes, list[Data], list[tuple[int, bytes]]], portion: int, room: int
) -> None:
    """With long messages inflated in steps everything comes, in its order."""
    masked, raw, said, answered = stream
    parser = make(masked=masked, packed=FORGETFUL, portion=portion)
    assert run(parser, [raw], room=room) == (said, answered)
    parser = make(masked=masked, packed=FORGETFUL, portion=portion)
    assert run(parser, one_by_one(raw), room=room) == (said, answered)
    assert not parser.partial


@given(streams())
def test_little_room_changes_nothing_but_the_pace(
    stream: tuple[bool, bytes, list[Data], list[tuple[int, bytes]]],
) -> None:
    """With room for one message at a time the parser stops in mid-buffer and goes on."""
    masked, raw, said, answered = stream
    parser = make(masked=masked, packed=FORGETFUL)
    assert run(parser, [raw], room=1) == (said, answered)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("size", BOUNDARIES)
def test_every_size_passes(size: int, masked: bool) -> None:
    """Sizes at which the header, or the place of the payload, changes; with neighbours."""
    whole = os.urandom(size)
    text = "x" * size
    key = b"\x01\x80\xff\x7f" if masked else None
    raw = b"".join(
        (
            frame(BINARY, whole, mask=key),
            frame(PING, b"between", mask=key),
            frame(TEXT, text.encode(), mask=key),
            frame(BINARY, b"last", mask=key),
        )
    )
    for step in (len(raw), 70_000, 1_021):
        pieces = [raw[at : at + step] for at in range(0, len(raw), step)]
        parser = make(masked=masked)
        assert run(parser, pieces) == ([whole, text, b"last"], [(PING, b"between")])


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_large_frames_come_whole_in_one_piece_or_many(masked: bool, packed: bool) -> None:
    """Frames larger than the read buffer, one after the other, as whole messages and fragments."""
    key = b"abcd" if masked else None
    whole = os.urandom(3 * READ_BUFFER)
    sent = deflate(whole) if packed else whole
    half = len(sent) // 2
    rsv = 4 if packed else 0
    raw = b"".join(
        (
            frame(BINARY, sent, rsv=rsv, mask=key),
            frame(BINARY, sent[:half], fin=False, rsv=rsv, mask=key),
            frame(PONG, b"", mask=key),
            frame(CONT, sent[half:], mask=key),
            frame(TEXT, b"small", mask=key),
        )
    )
    for step in (len(raw), READ_BUFFER, 100_003):
        pieces = [raw[at : at + step] for at in range(0, len(raw), step)]
        parser = make(masked=masked, packed=FORGETFUL)
        assert run(parser, pieces) == ([whole, whole, "small"], [(PONG, b"")])
        assert not parser.partial


def test_reads_go_straight_into_the_buffer() -> None:
    """``get_buffer`` is never empty, and what is written there is parsed."""
    parser = make()
    large = bytes(range(256)) * 2_000
    raw = frame(BINARY, b"first") + frame(BINARY, large) + frame(TEXT, b"last")
    messages: list[Data] = []
    at = 0
    while at < len(raw):
        room = parser.get_buffer()
        assert len(room) > 0
        count = min(len(room), len(raw) - at)
        room[:count] = raw[at : at + count]
        parser.filled(count)
        at += count
        messages += parser.parse(NO_LIMIT, NO_LIMIT)
    assert messages == [b"first", large, "last"]


def test_the_buffer_does_not_grow_with_traffic() -> None:
    """Trap 14: the read buffer of a link has its bound, whatever passes through."""
    parser = make(limit=2**22)
    raw = frame(BINARY, bytes(2**21)) + frame(TEXT, b"x" * 100_000) * 4
    for at in range(0, len(raw), 50_000):
        room = parser.get_buffer()
        piece = raw[at : at + min(50_000, len(room))]
        run(parser, [piece])
        run(parser, [raw[at + len(piece) : at + 50_000]])
    assert not parser.partial
    assert len(parser.get_buffer()) == READ_BUFFER


def test_bytes_that_come_although_nothing_is_parsed_are_kept() -> None:
    """A transport may deliver what it had read already when it was paused."""
    parser = make()
    raw = frame(BINARY, b"x" * 1_000) * 300
    parser.feed(raw[:1_500])
    assert len(parser.parse(1, NO_LIMIT)) == 1
    parser.feed(raw[1_500:])
    assert len(parser.parse(NO_LIMIT, NO_LIMIT)) == 299


def test_the_parser_keeps_no_message() -> None:
    """What was handed over is the receiver's alone: a large message must not stay behind."""
    parser = make()
    run(parser, [])
    parser.feed(frame(BINARY, bytes(1_000)))
    message = parser.parse(NO_LIMIT, NO_LIMIT)[0]
    assert sys.getrefcount(message) == 2


# ---------------------------------------------------------------- room


@given(
    st.lists(st.integers(0, 60), max_size=12),
    st.integers(1, 6),
    st.integers(1, 120),
    st.booleans(),
    st.integers(1, 3),
)
def test_an_inbox_is_never_filled_above_its_limits(
    sizes: list[int], room: int, room_bytes: int, masked: bool, pieces: int
) -> None:
    """By count and by bytes, fragmented or not; only a message alone may be larger."""
    key = b"mask" if masked else None
    raw = b""
    for size in sizes:
        parts = [b"x" * (size // pieces)] * (pieces - 1)
        parts.append(b"x" * (size - len(b"".join(parts))))
        for number, part in enumerate(parts):
            opcode = CONT if number else BINARY
            raw += frame(opcode, part, fin=number == pieces - 1, mask=key)
    inbox = Inbox(room, room_bytes)
    parser = make(masked=masked)
    parser.feed(raw)
    taken: list[int] = []
    while True:
        fresh = parser.parse(inbox.room(), inbox.room_bytes())
        assert parser.payload_bytes == sum(map(len, fresh))
        inbox.commit(fresh, parser.payload_bytes)
        queued = inbox.queued()
        assert queued <= room
        assert queued <= 1 or inbox.queued_bytes() <= room_bytes
        if not parser.blocked:
            break
        # It stopped for a reason: the next message does not fit.
        following = sizes[len(taken) + queued]
        assert queued == room or (queued and inbox.queued_bytes() + following > room_bytes)
        taken += [len(message) for message in inbox.take() or []]
    taken += [len(message) for message in inbox.take() or []]
    assert taken == sizes


def test_room_is_exact() -> None:
    """Room for three messages, then for ten bytes, then for one message of any size."""
    parser = make()
    parser.feed(frame(BINARY, b"12345") * 10)
    assert len(parser.parse(3, NO_LIMIT)) == 3
    assert parser.blocked
    assert len(parser.parse(NO_LIMIT, 10)) == 2
    assert parser.blocked
    assert parser.payload_bytes == 10
    assert parser.parse(0, NO_LIMIT) == []
    assert parser.blocked
    assert parser.parse(NO_LIMIT, 4) == []
    assert len(parser.parse(NO_LIMIT, -4)) == 1
    assert parser.blocked
    assert len(parser.parse(NO_LIMIT, -10)) == 2
    assert len(parser.parse(NO_LIMIT, NO_LIMIT)) == 2
    assert not parser.blocked


def test_a_large_frame_waits_for_room_too() -> None:
    """It is complete, and stays out until there is room; what follows it waits behind it."""
    parser = make()
    large = b"L" * (READ_BUFFER + 10)
    parser.feed(frame(BINARY, large) + frame(TEXT, b"behind"))
    assert parser.parse(0, NO_LIMIT) == []
    assert parser.blocked
    assert parser.parse(5, 10) == []
    assert parser.blocked
    assert parser.partial
    assert parser.parse(1, NO_LIMIT) == [large]
    assert parser.blocked
    assert parser.parse(1, NO_LIMIT) == ["behind"]


def test_control_frames_pass_a_full_inbox_only_in_order() -> None:
    """A control frame in front of the message that does not fit is seen, one behind it is not."""
    parser = make()
    parser.feed(frame(PING, b"1") + frame(TEXT, b"x") + frame(PING, b"2"))
    assert parser.parse(0, 0) == []
    assert parser.take_controls() == [(PING, b"1")]
    assert not parser.has_controls()
    assert parser.parse(1, 1) == ["x"]
    assert parser.take_controls() == [(PING, b"2")]


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("limit", [10, 125, 126, 70_000, READ_BUFFER * 2])
def test_the_message_limit_is_exact(limit: int, masked: bool) -> None:
    """A message of the limit passes; one byte more fails with 1009, by its header alone."""
    key = b"mask" if masked else None
    parser = make(masked=masked, limit=limit)
    whole = frame(BINARY, bytes(limit), mask=key)
    header = frame(BINARY, b"", length=limit + 1, mask=key)
    assert run(parser, [whole]) == ([bytes(limit)], [])
    assert run(parser, [header]) == ([], [])
    assert problem(parser) == 1009
    assert isinstance(parser.error, MessageTooBig)
    assert (parser.error.limit, parser.error.size) == (limit, limit + 1)
    assert parser.error.blame == "peer"


@pytest.mark.parametrize("sizes", [(4, 4, 3), (10, 1), (0, 0, 11), (11, 0)])
def test_the_limit_counts_all_fragments(sizes: tuple[int, ...]) -> None:
    """Trap 10: the limit is one of the message, not of its frames."""
    parser = make(limit=10)
    last = len(sizes) - 1
    raw = b"".join(
        frame(CONT if at else TEXT, b"x" * size, fin=at == last) for at, size in enumerate(sizes)
    )
    fitting = frame(TEXT, b"12345", fin=False) + frame(CONT, b"67890")
    assert run(parser, [fitting, raw]) == (["1234567890"], [])
    assert problem(parser) == 1009


def test_the_number_of_fragments_is_limited_exactly() -> None:
    """Trap 10: fragments without payload cost memory too, so their number has a limit."""

    def cut(count: int) -> bytes:
        return (
            frame(BINARY, b"x", fin=False)
            + frame(CONT, b"", fin=False) * (count - 2)
            + frame(CONT, b"")
        )

    parser = make(fragments=5)
    assert run(parser, [cut(5), cut(5)]) == ([b"x", b"x"], [])
    run(parser, [cut(6)])
    assert problem(parser) == 1009


def test_fragments_under_way_are_told() -> None:
    """How many there are of the present message, and how many messages were cut so far."""
    parser = make()
    assert parser.fragments == 0
    run(parser, [frame(TEXT, b"a", fin=False)])
    assert (parser.fragments, parser.fragmented) == (1, 1)
    assert parser.partial
    run(parser, [frame(CONT, b"b", fin=False)])
    assert (parser.fragments, parser.fragmented) == (2, 1)
    assert run(parser, [frame(CONT, b"c") + frame(TEXT, b"whole")])[0] == ["abc", "whole"]
    assert (parser.fragments, parser.fragmented) == (0, 1)
    run(parser, [frame(TEXT, b"a", fin=False)])
    assert (parser.fragments, parser.fragmented) == (1, 2)


def test_a_bomb_is_refused_while_it_is_inflated() -> None:
    """A small frame that would inflate to 200 MB costs no more than the limit."""
    limit = 2**20
    packer = zlib.compressobj(level=9, wbits=-15)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(200))
    bomb += packer.flush(zlib.Z_SYNC_FLUSH).removesuffix(b"\x00\x00\xff\xff")
    assert len(bomb) < limit
    parser = make(limit=limit, packed=FORGETFUL)
    raw = frame(TEXT, b"before") + frame(BINARY, bomb, rsv=4) + frame(TEXT, b"after")
    parser.feed(raw)
    tracemalloc.start()
    try:
        assert parser.parse(NO_LIMIT, NO_LIMIT) == ["before"]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert problem(parser) == 1009
    assert peak < 8 * limit


@pytest.mark.parametrize("size", [1_000, 100_000])
def test_the_limit_is_that_of_the_inflated_message(size: int) -> None:
    """Chance does not compress: such a message of the very limit is larger on the wire."""
    whole = os.urandom(size)
    sent = Deflate(FORGETFUL).compress(whole)
    assert len(sent) > size
    parser = make(limit=size, packed=FORGETFUL)
    assert run(parser, [frame(BINARY, sent, rsv=4)]) == ([whole], [])
    assert parser.error is None
    half = len(sent) // 2
    raw = frame(BINARY, sent[:half], fin=False, rsv=4) + frame(CONT, sent[half:])
    assert run(parser, [raw]) == ([whole], [])
    over = Deflate(FORGETFUL).compress(whole + b"1")
    assert run(parser, [frame(BINARY, over, rsv=4)]) == ([], [])
    assert problem(parser) == 1009


def test_a_frame_far_over_the_limit_is_not_waited_for_because_it_is_compressed() -> None:
    """No deflate stream of so many bytes holds a message within the limit."""
    parser = make(limit=1_000, packed=FORGETFUL)
    run(parser, [frame(BINARY, b"", length=2_000, rsv=4)])
    assert problem(parser) == 1009


# ---------------------------------------------------------------- long messages, in steps


def steps(parser: Parser, room: int = NO_LIMIT) -> list[tuple[list[Data], list[int]]]:
    """Messages and opcodes of control frames of each call, as long as it stops halfway."""
    seen: list[tuple[list[Data], list[int]]] = []
    while not seen or parser.halfway:
        fresh = parser.parse(room, NO_LIMIT)
        seen.append((fresh, [opcode for opcode, _ in parser.take_controls()]))
    return seen


@pytest.mark.parametrize("cut", ["whole", "fragments", "large"])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_long_message_takes_several_calls(cut: str, opcode: int) -> None:
    """A portion each; what came before is there at once, what follows waits behind it."""
    text = os.urandom(3_000).hex() if cut == "large" else "x" * 6_000
    size = 6_000 if cut != "large" else len(text) * 50
    text *= size // len(text)
    sent = deflate(text.encode()) if cut != "large" else stored(text.encode())
    frames = [frame(opcode, sent, rsv=4)]
    if cut == "fragments":
        frames = [frame(opcode, sent[:5], fin=False, rsv=4), frame(CONT, sent[5:])]
    parser = make(packed=FORGETFUL, portion=size // 3)
    parser.feed(frame(TEXT, b"before") + frame(PING))
    parser.feed(b"".join(frames))
    parser.feed(frame(PONG) + frame(TEXT, b"behind") + frame(CLOSE))
    seen = steps(parser)
    assert seen[0] == (["before"], [PING])
    assert len(seen) >= 3
    assert seen[1:-1] == [([], [])] * len(seen[1:-1])
    assert seen[-1] == ([text if opcode == TEXT else text.encode(), "behind"], [PONG, CLOSE])
    assert not parser.blocked
    assert not parser.partial


def stored(payload: bytes) -> bytes:
    """Compressed to more than it was, as a sender may."""
    packer = zlib.compressobj(level=0, wbits=-15)
    packed = packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)
    return packed.removesuffix(b"\x00\x00\xff\xff")


def test_a_long_message_is_not_gone_on_with_while_there_is_no_room() -> None:
    """Others may have filled the inbox meanwhile; with room again it goes on where it was."""
    parser = make(packed=FORGETFUL, portion=100)
    parser.feed(frame(TEXT, deflate(b"x" * 250), rsv=4))
    assert parser.parse(1, NO_LIMIT) == []
    assert (parser.blocked, parser.halfway) == (True, True)
    for room, room_bytes in ((0, NO_LIMIT), (1, 1)):
        assert parser.parse(room, room_bytes) == []
        assert (parser.blocked, parser.halfway) == (True, False)
    assert parser.parse(1, -1) == []
    assert (parser.blocked, parser.halfway) == (True, True)
    assert parser.parse(1, -1) == ["x" * 250]
    assert (parser.blocked, parser.halfway, parser.payload_bytes) == (False, False, 250)


def test_what_comes_halfway_through_a_long_message_waits() -> None:
    """Read while it is being inflated: in the buffer, or a large frame."""
    parser = make(packed=FORGETFUL, portion=100)
    large = bytes(2 * READ_BUFFER)
    parser.feed(frame(TEXT, deflate(b"x" * 250), rsv=4))
    assert parser.parse(9, NO_LIMIT) == []
    parser.feed(frame(BINARY, large) + frame(PING))
    assert steps(parser) == [([], []), (["x" * 250, large], [PING])]


def test_what_is_wrong_with_a_long_message_is_found_behind_what_came() -> None:
    """The limit once it is passed, text at its end; nothing is parsed behind either."""
    for payload, code in ((b"x" * 500, 1009), (b"x" * 399 + b"\xff", 1007)):
        parser = make(packed=FORGETFUL, portion=100, limit=400)
        parser.feed(frame(TEXT, b"before") + frame(TEXT, deflate(payload), rsv=4))
        parser.feed(frame(TEXT, b"after"))
        assert steps(parser) == [(["before"], []), ([], []), ([], []), ([], [])]
        assert problem(parser) == code
        assert parser.parse(9, NO_LIMIT) == []


# ---------------------------------------------------------------- violations

FRAMED = [
    violation
    for violation in VIOLATIONS.values()
    # What a close frame says is not the parser's business.
    if not violation.name.startswith("close-")
]
SERVER_ONLY = [frame(TEXT, b"x"), frame(PING), frame(BINARY, b"x", fin=False)]


@pytest.mark.parametrize("violation", FRAMED, ids=lambda violation: violation.name)
@pytest.mark.parametrize("how", ["at once", "byte by byte"])
def test_every_violation_has_its_code(
    violation: Violation, how: Literal["at once", "byte by byte"]
) -> None:
    """What came before is kept, the error is recorded, and nothing behind it is parsed."""
    parser = make(packed=FORGETFUL if violation.deflate else None)
    before = frame(TEXT, b"before") + frame(PING, b"before")
    raw = before + violation.raw + frame(TEXT, b"after") + frame(PING, b"after")
    messages, answers = run(parser, [raw] if how == "at once" else one_by_one(raw))
    assert problem(parser) in violation.codes
    assert messages[0] == "before"
    assert answers[0] == (PING, b"before")
    assert "after" not in messages
    assert (PING, b"after") not in answers
    # It stays that way.
    assert run(parser, [frame(TEXT, b"later")]) == ([], [])
    assert problem(parser) in violation.codes


@pytest.mark.parametrize("raw", SERVER_ONLY, ids=["text", "ping", "fragment"])
def test_a_server_takes_masked_frames_only(raw: bytes) -> None:
    """RFC 6455, 5.1: a server must fail a connection on which a frame is not masked."""
    parser = make(masked=True)
    assert run(parser, [frame(TEXT, b"good", mask=b"mask") + raw]) == (["good"], [])
    assert problem(parser) == 1002


@pytest.mark.parametrize(("size", "form"), [(5, 16), (125, 16), (5, 64), (126, 64), (65_535, 64)])
def test_a_length_has_one_form(size: int, form: Literal[16, 64]) -> None:
    """RFC 6455, 5.2: the minimal number of bytes must be used to encode the length."""
    parser = make()
    run(parser, [frame(BINARY, bytes(size), form=form)])
    assert problem(parser) == 1002


def test_a_bad_header_is_refused_before_its_payload_is_there() -> None:
    """The first two bytes say enough for most violations."""
    for raw in (frame(3, b"x" * 100), frame(PING, b"x" * 126), frame(TEXT, b"x" * 500, rsv=2)):
        parser = make()
        run(parser, [raw[:2]])
        assert problem(parser) == 1002 or len(raw) < 126


def test_bad_text_counts_nowhere() -> None:
    """The bytes of a message that was refused are not among those handed over."""
    parser = make()
    parser.feed(frame(TEXT, b"good") + frame(TEXT, b"", fin=False) + frame(CONT, b"\xff"))
    assert parser.parse(NO_LIMIT, NO_LIMIT) == ["good"]
    assert parser.payload_bytes == 4
    packed = make(packed=FORGETFUL)
    packed.feed(frame(TEXT, b"good") + frame(TEXT, deflate(b"\xff" * 9), rsv=4))
    assert packed.parse(NO_LIMIT, NO_LIMIT) == ["good"]
    assert packed.payload_bytes == 4


def test_bad_text_is_noticed_before_its_last_fragment() -> None:
    """Trap 10: UTF-8 is checked as it comes, across fragments (RFC 6455, 8.1)."""
    parser = make()
    euro = "€".encode()
    assert run(parser, [frame(TEXT, euro[:1], fin=False), frame(CONT, euro[1:])])[0] == ["€"]
    run(parser, [frame(TEXT, b"good", fin=False), frame(CONT, b"\xff", fin=False)])
    assert problem(parser) == 1007


def test_nothing_follows_a_close_frame() -> None:
    """RFC 6455, 5.5.1: data behind it is ignored, even if it breaks the rules."""
    for behind in (frame(TEXT, b"x"), frame(3, b"x"), b"\xff" * 40, frame(PING)):
        parser = make()
        raw = frame(TEXT, b"before") + frame(CLOSE, b"\x03\xe8bye") + behind
        assert run(parser, [raw]) == (["before"], [(CLOSE, b"\x03\xe8bye")])
        assert parser.closing
        assert parser.error is None
        assert not parser.partial
        assert run(parser, [frame(TEXT, b"later")]) == ([], [])


def test_partial_tells_what_is_incomplete() -> None:
    """A header, a payload, a large frame, a fragmented message; not the end of a message."""
    raw = frame(BINARY, bytes(READ_BUFFER * 2))
    for part in (raw[:1], raw[:5], raw[:1_000], raw[:-1], frame(TEXT, b"x", fin=False)):
        parser = make()
        run(parser, [frame(TEXT, b"whole")])
        assert not parser.partial
        run(parser, [part])
        assert parser.partial


def test_what_was_read_can_be_discarded() -> None:
    """A link that has ended reads on for the end of TCP, and throws away what comes."""
    parser = make()
    parser.feed(frame(TEXT, b"x") * 10)
    parser.discard()
    assert parser.parse(NO_LIMIT, NO_LIMIT) == []
    assert not parser.partial


@st.composite
def broken_streams(draw: st.DrawFn) -> tuple[bytes, Violation]:
    """A legal stream, whole or in the middle of a message, then a violation, then more."""
    _, before, _, _ = draw(streams().filter(lambda stream: not stream[0]))
    behind = draw(st.sampled_from([b"", frame(TEXT, b"after"), frame(CONT, b""), b"\xff" * 9]))
    violation = draw(st.sampled_from(FRAMED))
    return before + violation.raw + behind, violation


@given(broken_streams(), st.data())
def test_what_is_wrong_is_the_same_however_it_is_cut(
    stream: tuple[bytes, Violation], data: st.DataObject
) -> None:
    """Byte by byte, in any pieces, and all at once: the same messages, error and close code."""
    raw, violation = stream
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    outcomes = []
    for pieces in (
        [raw],
        one_by_one(raw),
        [raw[a:b] for a, b in itertools.pairwise([0, *cuts, len(raw)])],
    ):
        parser = make(packed=FORGETFUL if violation.deflate else None)
        seen = run(parser, pieces)
        outcomes.append((seen, problem(parser), str(parser.error)))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@given(st.binary(max_size=200), st.booleans())
def test_chance_never_raises(raw: bytes, masked: bool) -> None:
    """Any bytes are parsed or refused, the same in one piece and byte by byte."""
    outcomes = []
    for pieces in ([raw], one_by_one(raw)):
        parser = make(masked=masked, limit=1_000)
        seen = run(parser, pieces)
        outcomes.append((seen, None if parser.error is None else problem(parser)))
    assert outcomes[0] == outcomes[1]


@given(st.one_of(st.text(), st.binary()))
def test_sizes_are_those_on_the_wire(message: Data) -> None:
    """`payload_bytes` and `size_of` agree for text of any alphabet."""
    raw = message.encode() if isinstance(message, str) else message
    parser = make()
    parser.feed(frame(TEXT if isinstance(message, str) else BINARY, raw))
    assert parser.parse(NO_LIMIT, NO_LIMIT) == [message]
    assert parser.payload_bytes == size_of(message) == len(raw)


@pytest.mark.parametrize("limit", [2**62, sys.maxsize, 2**70])
@pytest.mark.parametrize("length", [2**61, 2**63 - 1])
@pytest.mark.parametrize("begun", [b"", b"hello"])
def test_without_a_limit_memory_is_the_limit(limit: int, length: int, begun: bytes) -> None:
    """A peer that announces more than any machine has gets an answer, and nothing breaks."""
    parser = Parser(masked=False, max_message_bytes=limit, max_fragments=10)
    parser.feed(bytes([0x02, len(begun)]) + begun)
    parser.feed(bytes([0x80, 127]) + length.to_bytes(8, "big") + b"xyz")
    assert parser.parse(10, 1_000) == []
    assert isinstance(parser.error, MessageTooBig)
    assert parser.parse(10, 1_000) == []
