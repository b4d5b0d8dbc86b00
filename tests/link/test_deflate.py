"""permessage-deflate: every combination of parameters, against zlib itself."""

from __future__ import annotations

import itertools
import os
import tracemalloc
import weakref
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.errors import MessageTooBig, ProtocolError
from longwire.link.deflate import MOST_STREAMS, PACKED_PORTION, PORTION, Deflate, DeflateParameters
from longwire.link.zlibs import inflating

TAIL = b"\x00\x00\xff\xff"
LIMIT = 2**20


def mirrored(parameters: DeflateParameters) -> DeflateParameters:
    """The same agreement as the other side sees it."""
    return DeflateParameters(
        local_no_context_takeover=parameters.remote_no_context_takeover,
        remote_no_context_takeover=parameters.local_no_context_takeover,
        local_max_window_bits=parameters.remote_max_window_bits,
        remote_max_window_bits=parameters.local_max_window_bits,
    )


MATRIX = [
    DeflateParameters(
        local_no_context_takeover=local,
        remote_no_context_takeover=remote,
        local_max_window_bits=bits,
        remote_max_window_bits=23 - bits,
    )
    for local, remote, bits in itertools.product((False, True), (False, True), range(8, 16))
]


@pytest.mark.parametrize("parameters", MATRIX, ids=repr)
def test_every_agreement(parameters: DeflateParameters) -> None:
    """Both directions, several messages: the same, larger than any window, chance, empty."""
    near, far = Deflate(parameters), Deflate(mirrored(parameters))
    chance = os.urandom(3_000)
    for message in (b"again and again" * 50, b"again and again" * 50, b"", b"", chance * 20, b"x"):
        assert far.inflate(near.compress(message), LIMIT) == message
        assert near.inflate(far.compress(message), LIMIT) == message


def test_context_takeover_is_what_was_agreed_on() -> None:
    """With it a repeated message shrinks to almost nothing; without it, each is like the first."""
    message = os.urandom(500)
    with_context = Deflate(DeflateParameters())
    assert len(with_context.compress(message)) > 500
    assert len(with_context.compress(message)) < 50
    without = Deflate(DeflateParameters(local_no_context_takeover=True))
    assert without.compress(message) == without.compress(message)


@pytest.mark.parametrize("bits", [8, 9, 12, 15])
def test_a_window_is_as_large_as_agreed(bits: int) -> None:
    """What we compress can be inflated with that window and no other help, and so is the peer's."""
    message = b"".join(os.urandom(300) * 2 for _ in range(100))
    inflater = Deflate(DeflateParameters(remote_max_window_bits=bits))
    packer = zlib.compressobj(wbits=-max(9, bits))
    packed = packer.compress(message) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert inflater.inflate(packed.removesuffix(TAIL), LIMIT) == message
    ours = Deflate(DeflateParameters(local_max_window_bits=bits))
    window = zlib.decompressobj(wbits=-bits)
    for one in (message, b"again" * 1_000, message):
        assert inflated_by_the_byte(window, ours.compress(one)) == one


def inflated_by_the_byte(window: zlib._Decompress, packed: bytes) -> bytes:
    """Inflate with nothing to look back at but the window: what was made is taken away at once."""
    plain = bytearray()
    rest = packed + TAIL
    while True:
        one = window.decompress(rest, 1)
        if not one:
            return bytes(plain)
        plain += one
        rest = window.unconsumed_tail


def test_the_smallest_window_still_compresses() -> None:
    """With 8 bits, for which zlib has no way, runs shrink and text shrinks a little."""
    ours = Deflate(DeflateParameters(local_max_window_bits=8))
    assert len(ours.compress(b"\0" * 5_000)) < 100
    text = b'{"op":"subscribe","ch":"trades"}' * 10
    assert len(ours.compress(text)) < len(text)


class Made:
    """Counts the codecs that are made, and those that are alive."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.alive = {"compressobj": 0, "decompressobj": 0}
        self.ever = {"compressobj": 0, "decompressobj": 0}
        for module, name in ((zlib, "compressobj"), (inflating(), "decompressobj")):
            monkeypatch.setattr(module, name, self.counting(name, getattr(module, name)))

    def counting(self, name: str, make: Any) -> Any:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.ever[name] += 1
            self.alive[name] += 1
            codec = Alive(make(*arguments, **options))
            weakref.finalize(codec, self.over, name)
            return codec

        return counted

    def over(self, name: str) -> None:
        self.alive[name] -= 1


class Alive:
    """A codec that can be watched."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_codecs_are_made_when_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """None for a link that never compresses, none for one that is never sent compressed bytes."""
    made = Made(monkeypatch)
    sender, receiver = Deflate(DeflateParameters()), Deflate(DeflateParameters())
    assert made.ever == {"compressobj": 0, "decompressobj": 0}
    packed = [sender.compress(b"one"), sender.compress(b"two")]
    assert made.ever == {"compressobj": 1, "decompressobj": 0}
    assert [receiver.inflate(one, 3) for one in packed] == [b"one", b"two"]
    assert made.ever == made.alive == {"compressobj": 1, "decompressobj": 1}


def test_without_context_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between messages there is no codec at all, whatever they were."""
    made = Made(monkeypatch)
    forgetful = DeflateParameters(local_no_context_takeover=True, remote_no_context_takeover=True)
    codec = Deflate(forgetful)
    messages = (b"plain", b"", b"x" * 5_000)
    for count, message in enumerate(messages, 1):
        assert codec.inflate(codec.compress(message), LIMIT) == message
        assert made.ever == {"compressobj": count, "decompressobj": count}
        assert made.alive == {"compressobj": 0, "decompressobj": 0}
    assert codec.inflate(finished(b"ended", b"twice"), LIMIT) == b"endedtwice"
    assert made.alive["decompressobj"] == 0


def test_level_and_memory_are_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """They reach zlib, with the window that was agreed on."""
    asked: list[dict[str, Any]] = []
    make = zlib.compressobj

    def noted(**options: Any) -> Any:
        asked.append(options)
        return make(**options)

    monkeypatch.setattr(zlib, "compressobj", noted)
    parameters = DeflateParameters(level=9, memory=1, local_max_window_bits=11)
    packed = Deflate(parameters).compress(b"x" * 500)
    assert Deflate(DeflateParameters(remote_max_window_bits=11)).inflate(packed, 500) == b"x" * 500
    (options,) = asked
    assert (options["level"], options["memLevel"], options["wbits"]) == (9, 1, -11)


def test_the_examples_of_the_rfc() -> None:
    """RFC 7692, 7.2.3: plain, with context takeover, stored, final block, two blocks."""
    inflater = Deflate(DeflateParameters())
    for packed in (
        "f248cdc9c90700",
        "f200110000",
        "000500faff48656c6c6f00",
        "f348cdc9c9070000",
        "f24805000000ffffcac9c90700",
    ):
        assert inflater.inflate(bytes.fromhex(packed), 5) == b"Hello"


def test_an_empty_message_has_a_form_of_its_own() -> None:
    """RFC 7692, 7.2.3.6: one zero byte, also behind another empty message."""
    codec = Deflate(DeflateParameters())
    assert [codec.compress(b"") for _ in range(3)] == [b"\x00"] * 3
    assert codec.inflate(b"\x00", 0) == b""
    assert codec.inflate(codec.compress(b"x"), 1) == b"x"


@pytest.mark.parametrize("ending", [b"", b"\x00"])
@pytest.mark.parametrize("forgetful", [False, True])
def test_final_blocks(ending: bytes, forgetful: bool) -> None:
    """A sender may end its stream and begin anew with each message (RFC 7692, 7.2.3.4)."""
    inflater = Deflate(DeflateParameters(remote_no_context_takeover=forgetful))
    for message in (b"one", b"two" * 1_000, b"", b"three"):
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(message) + packer.flush(zlib.Z_FINISH)
        assert inflater.inflate(packed + ending, LIMIT) == message


def test_a_final_block_in_mid_message() -> None:
    """What follows it belongs to the message, and counts against its limit."""
    first = zlib.compressobj(wbits=-15)
    second = zlib.compressobj(wbits=-15)
    packed = first.compress(b"a" * 600) + first.flush(zlib.Z_FINISH)
    packed += second.compress(b"b" * 600) + second.flush(zlib.Z_SYNC_FLUSH)
    packed = packed.removesuffix(TAIL)
    assert Deflate(DeflateParameters()).inflate(packed, 1_200) == b"a" * 600 + b"b" * 600
    for limit in (1_199, 600, 599):
        with pytest.raises(MessageTooBig):
            Deflate(DeflateParameters()).inflate(packed, limit)


def table() -> bytes:
    """Eight blocks that hold nothing but a table of the shortest kind, which fill whole bytes."""
    bits = "0" + "01" + "00000" + "00000" + "0111"  # codes: 257, 1, and 18 for their lengths
    order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1)
    lengths = {18: "100", 0: "010", 1: "010"}  # the lowest bit is the first
    bits += "".join(lengths.get(code, "000") for code in order)
    # 138 and 118 lengths of 0, then 1 for the end of the block, and none for distances.
    bits += "0" + "1111111" + "0" + "1101011" + "11" + "10" + "0"
    bits *= 8
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


TABLES = table()


def finished(*messages: bytes) -> bytes:
    """Each message in a deflate stream of its own, with a final block at its end."""
    packers = [(one, zlib.compressobj(wbits=-15)) for one in messages]
    return b"".join(packer.compress(one) + packer.flush(zlib.Z_FINISH) for one, packer in packers)


@given(st.lists(st.binary(max_size=2_000), max_size=8), st.binary(max_size=2_000))
def test_any_number_of_streams_is_one_message(streams: list[bytes], last: bytes) -> None:
    """Streams of any size, also empty ones, and whatever their ends look like."""
    packer = zlib.compressobj(wbits=-15)
    packed = finished(*streams) + packer.compress(last) + packer.flush(zlib.Z_SYNC_FLUSH)
    inflater = Deflate(DeflateParameters())
    whole = b"".join(streams) + last
    assert inflater.inflate(packed.removesuffix(TAIL), LIMIT) == whole
    assert inflater.inflate(finished(*streams, last) + b"\x00", LIMIT) == whole


def test_a_long_stream_behind_a_short_one() -> None:
    """What follows a final block may be of any length, and reach back as far as its window."""
    long = os.urandom(20_000) * 5
    packed = finished(b"short", long, b"short again")
    assert Deflate(DeflateParameters()).inflate(packed, LIMIT) == b"short" + long + b"short again"


class Work:
    """Counts what zlib is given to inflate and what it hands back unread, in bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.inflaters = 0
        self.bytes = 0
        self.made = 0
        self._make = inflating().decompressobj
        monkeypatch.setattr(inflating(), "decompressobj", self.decompressobj)

    def decompressobj(self, **options: Any) -> Counted:
        self.inflaters += 1
        return Counted(self._make(**options), self)


class Counted:
    """An inflater whose work is counted."""

    def __init__(self, real: zlib._Decompress, work: Work) -> None:
        self._real = real
        self._work = work

    def decompress(self, data: bytes, limit: int) -> bytes:
        plain = self._real.decompress(data, limit)
        self._work.bytes += len(data) + len(self._real.unused_data)
        self._work.made += len(plain)
        return plain

    @property
    def eof(self) -> bool:
        return self._real.eof

    @property
    def unused_data(self) -> bytes:
        return self._real.unused_data

    @property
    def unconsumed_tail(self) -> bytes:
        return self._real.unconsumed_tail


def test_many_final_blocks_cost_no_more_than_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each end of a stream is paid for once, not with all that follows it."""
    work = Work(monkeypatch)
    last = os.urandom(500_000)
    packed = finished(*[b"x"] * (MOST_STREAMS - 1), last)
    plain = Deflate(DeflateParameters()).inflate(packed, LIMIT)
    assert plain == b"x" * (MOST_STREAMS - 1) + last
    assert work.bytes < 4 * len(packed) + 1_000 * MOST_STREAMS
    assert work.inflaters <= MOST_STREAMS + 1


@pytest.mark.parametrize("block", [finished(b""), finished(b"x")])
def test_a_flood_of_final_blocks_is_a_violation(
    block: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streams that hold next to nothing never reach the limit of the message: their number does."""
    work = Work(monkeypatch)
    flood = block * 400_000
    with pytest.raises(ProtocolError, match="deflate streams") as caught:
        Deflate(DeflateParameters()).inflate(flood, 16 * LIMIT)
    assert (caught.value.code, caught.value.blame) == (1007, "peer")
    assert work.inflaters <= MOST_STREAMS + 1
    assert work.bytes < 4 * len(flood)


def test_a_window_that_was_to_be_forgotten_is_not_there() -> None:
    """Who agreed to forget its window after each message must not refer to the one before."""
    message = os.urandom(200)
    peer = Deflate(DeflateParameters())
    first, second = peer.compress(message), peer.compress(message)
    assert len(second) < 50
    keeping = Deflate(DeflateParameters())
    assert [keeping.inflate(one, LIMIT) for one in (first, second)] == [message] * 2
    forgetting = Deflate(DeflateParameters(remote_no_context_takeover=True))
    assert forgetting.inflate(first, LIMIT) == message
    with pytest.raises(ProtocolError) as caught:
        forgetting.inflate(second, LIMIT)
    assert caught.value.code == 1007


@given(st.integers(0, 3_000), st.integers(-2, 2))
def test_the_limit_is_exact(size: int, over: int) -> None:
    """Up to it everything passes, one byte above it nothing."""
    message = bytes(size)
    packed = Deflate(DeflateParameters()).compress(message)
    limit = max(0, size - over)
    inflater = Deflate(DeflateParameters())
    if size <= limit:
        assert inflater.inflate(packed, limit) == message
        return
    with pytest.raises(MessageTooBig) as caught:
        inflater.inflate(packed, limit)
    assert (caught.value.limit, caught.value.blame) == (limit, "peer")


def test_a_bomb_is_not_inflated_further_than_the_limit() -> None:
    """200 MB in 200 KB: no more than the limit is ever made of it."""
    packer = zlib.compressobj(level=9, wbits=-15)
    bomb = b"".join(packer.compress(bytes(LIMIT)) for _ in range(200))
    bomb += packer.flush(zlib.Z_SYNC_FLUSH)
    inflater = Deflate(DeflateParameters())
    tracemalloc.start()
    try:
        with pytest.raises(MessageTooBig):
            inflater.inflate(bomb, LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * LIMIT


@given(st.binary(max_size=300))
def test_garbage_is_a_violation(packed: bytes) -> None:
    """Whatever comes, the only errors are ours."""
    inflater = Deflate(DeflateParameters())
    try:
        inflater.inflate(packed, 1_000)
    except (ProtocolError, MessageTooBig):
        return


# ---------------------------------------------------------------- in steps


def stepwise(codec: Deflate, packed: bytes, limit: int = LIMIT) -> tuple[bytes, int]:
    """A message that is inflated in steps, and how many there were."""
    steps = 1
    plain: bytes | None = codec.begin(packed, limit)
    while plain is None:
        steps += 1
        plain = codec.go_on()
    return plain, steps


@given(
    st.lists(st.lists(st.binary(max_size=300) | st.just(b"again" * 100), max_size=4), max_size=4),
    st.booleans(),
    st.booleans(),
    st.integers(1, 700),
    st.integers(1, 300),
)
def test_steps_give_what_one_go_does(
    messages: list[list[bytes]], forgetful: bool, finish: bool, portion: int, packed: int
) -> None:
    """Any portion, with and without the context of the messages before, and with final blocks."""
    parameters = DeflateParameters(
        remote_no_context_takeover=forgetful, local_no_context_takeover=forgetful
    )
    sender = Deflate(parameters)
    receiver = Deflate(parameters, portion=portion, packed_portion=packed)
    for parts in messages:
        whole = b"".join(parts)
        sent = finished(*parts) if finish and parts else sender.compress(whole)
        if finish:
            sender = Deflate(parameters)
        plain, steps = stepwise(receiver, sent)
        assert plain == whole
        assert steps > len(whole) // (portion + 1) - 1
        with pytest.raises(MessageTooBig):
            stepwise(Deflate(parameters, portion=portion), finished(b"x" + whole), len(whole))


def test_a_message_of_no_more_than_a_portion_takes_one_step() -> None:
    """One byte more takes two."""
    near, far = Deflate(DeflateParameters()), Deflate(DeflateParameters())
    for size, steps in ((PORTION - 1, 1), (PORTION, 1), (PORTION + 1, 2)):
        assert stepwise(far, near.compress(bytes(size)), 2 * PORTION) == (bytes(size), steps)


def test_a_step_makes_no_more_than_a_portion(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is in it; and the limit is found as soon as it is passed."""
    work = Work(monkeypatch)
    bomb = Deflate(DeflateParameters()).compress(bytes(8 * PORTION))
    codec = Deflate(DeflateParameters())
    limit = 5 * PORTION // 2
    assert codec.begin(bomb, limit) is None
    assert work.made <= PORTION + 1
    assert codec.go_on() is None
    assert work.made <= 2 * PORTION + 1
    with pytest.raises(MessageTooBig) as caught:
        codec.go_on()
    assert caught.value.limit == limit
    assert work.made == limit + 1


@pytest.mark.parametrize("name", ["chance", "tables"])
def test_what_gives_little_is_inflated_in_steps_too(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted by its size on the wire: zlib is slow at blocks that hold nothing but a table."""
    packed = (
        TABLES * (PORTION // len(TABLES)) if name == "tables" else finished(os.urandom(PORTION))
    )
    work = Work(monkeypatch)
    codec = Deflate(DeflateParameters())
    plain, done = codec.begin(packed, PORTION), 0
    steps = 1
    while plain is None:
        assert work.bytes - done <= PACKED_PORTION
        done = work.bytes
        plain = codec.go_on()
        steps += 1
    assert len(plain) == (0 if name == "tables" else PORTION)
    assert steps == -(-len(packed + TAIL) // PACKED_PORTION)


def test_a_codec_that_is_stopped_in_mid_message() -> None:
    """It ends the message, which is only counted, and keeps nothing of it."""
    near, far = Deflate(DeflateParameters()), Deflate(DeflateParameters())
    packed = near.compress(bytes(4 * PORTION))
    assert far.begin(packed, 8 * PORTION) is None
    far.stop()
    assert far.go_on() == b""
    assert far.begin(packed, 8 * PORTION) == b""


def test_garbage_behind_a_portion_is_a_violation() -> None:
    """It is found when its turn comes."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(bytes(2 * PORTION)) + packer.flush(zlib.Z_FULL_FLUSH)
    codec = Deflate(DeflateParameters())
    assert stepwise(Deflate(DeflateParameters()), packed, 4 * PORTION) == (bytes(2 * PORTION), 2)
    with pytest.raises(ProtocolError) as caught:
        stepwise(codec, packed + b"\xff" * 20, 4 * PORTION)
    assert caught.value.code == 1007


def test_what_was_inflated_in_steps_is_joined_once() -> None:
    """While it is under way it is there once, at the end twice, as with one go."""
    size = 16 * PORTION
    packed = Deflate(DeflateParameters()).compress(bytes(size))
    codec = Deflate(DeflateParameters())
    tracemalloc.start()
    try:
        plain = codec.begin(packed, size)
        while plain is None:
            plain = codec.go_on()
        _, peak = tracemalloc.get_traced_memory()
        assert len(plain) == size
        assert peak < 2 * size + 2 * PORTION
        del plain
        left, _ = tracemalloc.get_traced_memory()
        assert left < PORTION
    finally:
        tracemalloc.stop()
