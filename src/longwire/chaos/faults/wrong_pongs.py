"""Pongs say something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.bounds import short_enough
from longwire.chaos.fault import Fault
from longwire.chaos.frames import PONG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class WrongPongs(Fault):
    """Give every pong another payload than its ping had.

    What servers do that answer with an empty pong, or send pongs of their own accord (RFC 6455
    5.5.3 allows those, and they answer nothing). Who compares payloads takes them for no answer.

    Attributes:
        payload: What they say instead, 125 bytes at most.
    """

    reproduces = ("broken-watchdog",)

    payload: str = ""

    def __post_init__(self) -> None:
        short_enough(125, payload=self.payload)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """The pong, with another payload."""
        if frame.opcode != PONG:
            return (frame,)
        return (frame.replaced(payload=self.payload.encode()),)
