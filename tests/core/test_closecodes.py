"""The table of close codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.core.closecodes import KNOWN, describe, receivable, sendable


@pytest.mark.parametrize(
    ("code", "name", "retry"),
    [
        (1000, "normal closure", "normal"),
        (1001, "going away", "soon"),
        (1002, "protocol error", "later"),
        (1003, "unsupported data", "later"),
        (1004, "reserved", "normal"),
        (1005, "no status received", "normal"),
        (1006, "abnormal closure", "normal"),
        (1007, "invalid payload", "later"),
        (1008, "policy violation", "later"),
        (1009, "message too big", "later"),
        (1010, "mandatory extension", "later"),
        (1011, "internal error", "normal"),
        (1012, "service restart", "soon"),
        (1013, "try again later", "later"),
        (1014, "bad gateway", "normal"),
        (1015, "TLS handshake", "later"),
        (1016, "reserved", "normal"),
        (2999, "reserved", "normal"),
        (3000, "unauthorized", "later"),
        (3001, "registered", "normal"),
        (3003, "forbidden", "later"),
        (3008, "timeout", "normal"),
        (3500, "registered", "normal"),
        (3999, "registered", "normal"),
        (4000, "private", "normal"),
        (4500, "private", "normal"),
        (4999, "private", "normal"),
        (5000, "invalid", "normal"),
        (999, "invalid", "normal"),
        (0, "invalid", "normal"),
        (-1, "invalid", "normal"),
    ],
)
def test_describe(code: int, name: str, retry: str) -> None:
    """Each code has the name and the class that the table promises."""
    entry = describe(code)
    assert (entry.code, entry.name, entry.retry) == (code, name, retry)


# What RFC 6455 section 7.4 and the Autobahn test suite (7.9.x) call invalid on the wire.
FORBIDDEN = [-1, 0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]
ALLOWED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000]


@pytest.mark.parametrize("code", FORBIDDEN)
def test_codes_that_must_not_travel(code: int) -> None:
    """Reserved and undefined codes are neither sent nor accepted."""
    assert not sendable(code)
    assert not receivable(code)


@pytest.mark.parametrize("code", [*ALLOWED, 4999])
def test_codes_that_may_travel(code: int) -> None:
    """Defined, registered and private codes are sent and accepted."""
    assert sendable(code)
    assert receivable(code)


@given(st.integers(-(2**70), 2**70) | st.integers(900, 5100))
def test_every_integer_is_described(code: int) -> None:
    """No number is without an answer, and what may be sent may be received."""
    entry = describe(code)
    assert entry.code == code
    assert entry.name
    assert entry.meaning
    assert not entry.meaning.endswith(".")
    assert receivable(code) or not sendable(code)


def test_no_code_is_fatal_by_itself() -> None:
    """By default a client never gives up because of a number."""
    assert "fatal" not in {entry.retry for entry in KNOWN.values()}


def test_the_table_cannot_be_changed() -> None:
    """The shared table is read-only."""
    with pytest.raises(TypeError):
        KNOWN[1000] = describe(1001)  # type: ignore[index]  # the very thing tested
