"""``--listen HOST:PORT``."""

from __future__ import annotations

import argparse

import pytest

from longwire.cli.place import place


def test_a_place() -> None:
    """A name or an address, and a port; brackets around an IPv6 address are taken off."""
    assert place("127.0.0.1:9001") == ("127.0.0.1", 9001)
    assert place("localhost:0") == ("localhost", 0)
    assert place("[::1]:80") == ("::1", 80)


@pytest.mark.parametrize("wrong", ["", "9001", ":9001", "host:", "host:port", "host:65536", "h:-1"])
def test_what_is_none(wrong: str) -> None:
    """It is said what it should look like."""
    with pytest.raises(argparse.ArgumentTypeError, match=r"127\.0\.0\.1:9001"):
        place(wrong)
