"""A frame breaks the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault
from longwire.chaos.frames import CONT, PING, TEXT, Frame, frame, make_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.lane import Lane

What = Literal[
    "utf8",
    "deflate",
    "rsv1",
    "rsv2",
    "mask",
    "opcode",
    "length",
    "continuation",
    "unfinished",
    "control",
    "half",
]

_MASK: Final = b"\x11\x22\x33\x44"


@dataclass(kw_only=True)
class Corrupt(Fault):
    """Break the next message that is in one frame: once on each connection, or every n-th time.

    What a proxy does that does not know WebSocket, a server with two threads on one socket, or one
    with a mistake. The receiver must fail the connection (RFC 6455 7.1.7), and should say why; but
    ``half`` breaks no rule of the protocol, only that of whoever reads JSON.

    Attributes:
        what: What is wrong with the frame. ``utf8``: its text is none; ``deflate``: it says that it
            is compressed, and is noise; ``rsv1``: the bit that says so is turned over; ``rsv2``: a
            reserved bit is set; ``mask``: a server's frame is masked, a client's is not;
            ``opcode``: one that nobody knows; ``length``: it claims to be 2⁶³ bytes long;
            ``continuation``: of nothing; ``unfinished``: the next begins inside of it; ``control``:
            a ping in fragments stands before it; ``half``: it is text, and stops in the middle.
        n: 0: only the first; else every n-th.
    """

    reproduces = (
        "permessage-deflate-fault",
        "middlebox-interference",
        "fragmentation-mishandled",
        "concurrent-write",
        "poison-message-kills-reader",
        "unsupervised-reader-task",
        "swallowed-exception",
    )
    changes_messages = True

    what: What = "utf8"
    n: int = 0
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        at_least(0, n=self.n)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """The frame, broken."""
        if not frame.is_message:
            return (frame,)
        self._seen += 1
        due = self._seen == 1 if self.n == 0 else self._seen % self.n == 0
        if not due:
            return (frame,)
        if self.what == "half":
            text = lane.text_of(frame) or ""
            return (make_frame(TEXT, text[: len(text) // 2].encode(), mask=frame.mask),)
        return _broken(frame, self.what)


def _broken(one: Frame, what: What) -> tuple[Frame, ...]:  # noqa: PLR0911 - one for each kind
    mask = one.mask
    match what:
        case "utf8":
            return (make_frame(TEXT, b"caf\xe9\xff", mask=mask),)
        case "deflate":
            return (make_frame(one.opcode, b"\xff" * 32, rsv=4, mask=mask),)
        case "rsv1":
            return (one.replaced(rsv=one.rsv ^ 4),)
        case "rsv2":
            return (one.replaced(rsv=one.rsv | 2),)
        case "mask":
            return (_masked_wrongly(one),)
        case "opcode":
            return (one.replaced(opcode=3, rsv=0),)
        case "length":
            raw = frame(one.opcode, one.payload, length=2**63, mask=mask)
            return (Frame(raw, len(raw) - len(one.payload)),)
        case "continuation":
            return (one.replaced(opcode=CONT, rsv=0),)
        case "unfinished":
            return (one.replaced(fin=False),)
        case _:
            return (make_frame(PING, b"half", fin=False, mask=mask), one)


def _masked_wrongly(one: Frame) -> Frame:
    """The same frame with a mask where none may be, or without where one must be."""
    mask = None if one.masked else _MASK
    return make_frame(one.opcode, one.payload, rsv=one.rsv, mask=mask)
