"""Close frames: a payload is read, or refused with `ProtocolError`; read, it is written again."""

from __future__ import annotations

from longwire.core.closecodes import describe, receivable
from longwire.errors import ProtocolError
from longwire.link.closing import MAX_REASON, NO_CODE, read_close, write_close


def check(data: bytes) -> None:
    """One payload."""
    code = int.from_bytes(data[:2], "big")
    try:
        read, reason = read_close(data)
    except ProtocolError as error:
        assert error.code in (1002, 1007)
        assert len(data) == 1 or not receivable(code) or error.code == 1007
        return
    if not data:
        assert (read, reason) == (NO_CODE, "")
        return
    assert read == code
    assert describe(read).code == code
    if len(data) - 2 <= MAX_REASON:
        assert write_close(read, reason) == data
