"""The answer to the opening does not fit the question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class WrongAccept(Fault):
    """Change ``Sec-WebSocket-Accept``, so that it does not belong to the client's key.

    What a cache does that answers with what it answered another. A client must fail the connection
    (RFC 6455 4.1); one that does not talks to whom it does not know.
    """

    reproduces = ("middlebox-interference",)

    def response(self, head: bytes) -> bytes:
        """The same with another key."""
        return re.sub(
            rb"(?im)^(sec-websocket-accept:[ \t]*)[^\r\n]*",
            rb"\1bm90IHRoZSBrZXkgb2YgeW91cnM=",
            head,
        )
