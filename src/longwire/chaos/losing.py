"""What faults have in common that lose messages: all of one, or nothing of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.frames import CONT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class LosesMessages(Fault):
    """Let control frames go on, and of messages those that `loses` does not want.

    A message is lost with all its fragments, or with none: half of one would break the protocol,
    and a receiver would end the connection in place of going without the message.
    """

    _losing: bool = field(default=False, init=False)

    def loses(self) -> bool:
        """Whether the message that begins now is lost."""
        return True

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Nothing, if it belongs to a message that is lost."""
        return () if self._is_lost(frame) else (frame,)

    def large(self, frame: Frame, size: int, lane: Lane) -> bool:
        """The same for one that is too long to be kept."""
        return not self._is_lost(frame)

    def _is_lost(self, frame: Frame) -> bool:
        if not frame.is_data:
            return False
        if frame.opcode != CONT:
            self._losing = self.loses()
        return self._losing
