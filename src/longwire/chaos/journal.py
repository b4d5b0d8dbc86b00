"""What chaos did, and when: one record for each action, so that a run can be read and compared."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Record = Mapping[str, Any]

_KEPT: Final = 100_000


class Journal:
    """The actions of a proxy, oldest first; the last 100,000 are kept.

    A record has ``t`` (seconds of the monotonic clock since the proxy began), ``action``, and what
    belongs to it: ``fault``, ``crossing`` (the number of the connection, from 1), ``direction``,
    ``frame`` (its number in that direction, from 1). No record holds what a message says, nor
    anything of a header.

    Args:
        sink: Called with each record as it is made; it must be quick and not raise.
    """

    def __init__(self, sink: Callable[[Record], object] | None = None) -> None:
        self._sink = sink
        self._records: deque[Record] = deque(maxlen=_KEPT)
        self._began = asyncio.get_running_loop().time()
        self._changed = asyncio.Event()

    def tell(self, action: str, **fields: object) -> None:
        """Write down an action."""
        now = asyncio.get_running_loop().time() - self._began
        record = {"t": round(now, 6), "action": action}
        record |= {name: value for name, value in fields.items() if value is not None}
        self._records.append(record)
        self._changed.set()
        if self._sink is not None:
            self._sink(record)

    def find(self, action: str, **fields: object) -> list[Record]:
        """The records of an action with these fields."""
        wanted = {"action": action, **fields}.items()
        return [one for one in self._records if all(one.get(key) == value for key, value in wanted)]

    async def until(self, action: str, *, times: int = 1, **fields: object) -> list[Record]:
        """Wait until there are so many records of an action with these fields; returns them."""
        while len(found := self.find(action, **fields)) < times:
            self._changed.clear()
            await self._changed.wait()
        return found

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def json_record(record: Record) -> str:
    """A record as a line of JSON, without the line's end."""
    return json.dumps(record, separators=(",", ":"))
