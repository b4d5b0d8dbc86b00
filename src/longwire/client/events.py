"""What `Client.events` yields, in order with the messages."""

from __future__ import annotations

import msgspec

from longwire.core.causes import Interruption
from longwire.core.sequence import Gap
from longwire.link.base import Data


class Message(msgspec.Struct, frozen=True):
    """A message: ``str`` if it came as text, ``bytes`` if it came as binary."""

    data: Data


class Interrupted(msgspec.Struct, frozen=True):
    """From here on nothing could arrive. Its outcome is still ``pending``."""

    interruption: Interruption


class Recovered(msgspec.Struct, frozen=True):
    """From here on messages arrive again: what follows came over a new link."""

    interruption: Interruption


Event = Message | Interrupted | Recovered | Gap
