"""The fault that is none: the model for a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Noop(Fault):
    """Look at every frame, and let it go on as it is.

    Of use to see in the journal when a trigger strikes, and as a model: copy this file, give the
    class the name of your fault, and override the hooks of `Fault` that you need. Options are
    fields with a default; what a copy keeps for itself is a field with ``init=False``. Say in
    ``reproduces`` which causes of the catalogue a client behind it can meet.
    """

    reproduces = ()

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """The frame itself."""
        return (frame,)
