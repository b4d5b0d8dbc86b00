"""The payload of close frames, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.core.closecodes import receivable, sendable
from longwire.errors import ProtocolError
from longwire.link.closing import MAX_REASON, NO_CODE, read_close, write_close


def test_nothing_stands_for_no_code() -> None:
    """Trap 9: an empty payload is no code 0; it has a number that is never on the wire."""
    assert read_close(b"") == (NO_CODE, "") == (1005, "")
    with pytest.raises(ValueError, match="1005"):
        write_close(NO_CODE, "")


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\x03", 1002),
        *((number.to_bytes(2, "big"), 1002) for number in (0, 999, 1004, 1005, 1006, 1015, 5000)),
        (b"\x03\xe8\xff", 1007),
        (b"\x03\xe8" + "€".encode()[:2], 1007),
    ],
)
def test_bad_payloads(payload: bytes, code: int) -> None:
    """Half a code, a code that must not be sent, a reason that is not UTF-8."""
    with pytest.raises(ProtocolError) as caught:
        read_close(payload)
    assert caught.value.code == code


@given(st.integers(-1, 66_000), st.text(max_size=130))
def test_what_is_written_is_read_back(code: int, reason: str) -> None:
    """Or refused: a code that must not be sent, a reason that is too long."""
    try:
        payload = write_close(code, reason)
    except ValueError:
        assert (
            not sendable(code)
            or len(reason.encode(errors="replace")) > MAX_REASON
            or (any("\ud800" <= letter <= "\udfff" for letter in reason))
        )
        return
    assert len(payload) <= 125
    if receivable(code):
        assert read_close(payload) == (code, reason)


@pytest.mark.parametrize("reason", ["x" * 123, "é" * 61, "\U0001f44b" * 30])
def test_the_longest_reason(reason: str) -> None:
    """It counts in bytes of UTF-8."""
    assert read_close(write_close(4000, reason)) == (4000, reason)
    with pytest.raises(ValueError, match="123"):
        write_close(4000, reason + "xxxx")
