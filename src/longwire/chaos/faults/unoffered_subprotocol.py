"""The server chooses a subprotocol that nobody offered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from longwire.chaos.bounds import header_value
from longwire.chaos.fault import Fault
from longwire.chaos.opening import BLANK_LINE


@dataclass(kw_only=True)
class UnofferedSubprotocol(Fault):
    """Answer the opening with a subprotocol of the server's own choice.

    What servers do that always name theirs. A client must fail the connection (RFC 6455 4.1).

    Attributes:
        subprotocol: Its name.
    """

    reproduces = ("middlebox-interference",)

    subprotocol: str = "chaos.v1"

    def __post_init__(self) -> None:
        header_value(subprotocol=self.subprotocol)
        if not self.subprotocol:
            raise ValueError("a subprotocol has a name")

    def response(self, head: bytes) -> bytes:
        """The same with a subprotocol."""
        head = re.sub(rb"(?im)^sec-websocket-protocol:[^\r\n]*\r\n", b"", head)
        field = b"\r\nSec-WebSocket-Protocol: " + self.subprotocol.encode()
        return head.removesuffix(BLANK_LINE) + field + BLANK_LINE
