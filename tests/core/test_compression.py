"""The options of permessage-deflate: what they accept, and what ``compression=`` makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.compression import Deflate


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"server_max_window_bits": 8, "client_max_window_bits": 15},
        {"server_no_context_takeover": True, "client_no_context_takeover": True},
        {"send": False, "level": 1, "memory": 9, "min_bytes": 0},
        {"level": 9, "memory": 1, "require_client_max_window_bits": True},
    ],
)
def test_what_is_accepted(options: dict[str, Any]) -> None:
    """Everything that RFC 7692 and zlib know; nothing can be changed afterwards."""
    deflate = Deflate(**options)
    for name, value in options.items():
        assert getattr(deflate, name) == value
    with pytest.raises(AttributeError):
        deflate.level = 3  # type: ignore[misc]


@pytest.mark.parametrize("name", ["server_max_window_bits", "client_max_window_bits"])
@pytest.mark.parametrize("bits", [7, 16, 0, -15])
def test_windows_that_there_are_not(name: str, bits: int) -> None:
    """RFC 7692, 7.1.2: 8 to 15; the error names the option."""
    with pytest.raises(ValueError, match=rf"Deflate\.{name}={bits} must be from 8 to 15"):
        Deflate(**{name: bits})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"level": 0}, ValueError, "Deflate.level=0"),
        ({"level": 10}, ValueError, "Deflate.level=10"),
        ({"memory": 0}, ValueError, "Deflate.memory=0"),
        ({"memory": 10}, ValueError, "Deflate.memory=10"),
        ({"min_bytes": -1}, ValueError, "Deflate.min_bytes=-1"),
        ({"level": "6"}, TypeError, "Deflate.level"),
        ({"min_bytes": 6.5}, TypeError, "Deflate.min_bytes"),
        ({"client_max_window_bits": True}, TypeError, "Deflate.client_max_window_bits"),
        ({"send": None}, TypeError, "Deflate.send"),
        ({"server_no_context_takeover": 1}, TypeError, "Deflate.server_no_context_takeover"),
    ],
)
def test_what_makes_no_sense(options: dict[str, Any], error: type[Exception], words: str) -> None:
    """Each mistake is told by name, where it is made."""
    with pytest.raises(error, match=words):
        Deflate(**options)


@pytest.mark.parametrize("client", [True, False])
def test_what_stands_for_options(client: bool) -> None:
    """``"deflate"`` is the defaults, None is no compression, options are themselves."""
    assert Deflate.of("deflate", client=client) == Deflate()
    assert Deflate.of(None, client=client) is None
    options = Deflate(level=1)
    assert Deflate.of(options, client=client) is options


@pytest.mark.parametrize("value", ["gzip", "", True, 15, {"level": 6}])
def test_what_does_not(value: Any) -> None:
    """Anything else is an error that says what there is."""
    with pytest.raises(ValueError, match='"deflate", Deflate options or None'):
        Deflate.of(value, client=True)


def test_a_window_of_8_bits_is_for_the_peer() -> None:
    """zlib inflates with it, and cannot compress with it: each side may only ask the other."""
    of_client = Deflate(client_max_window_bits=8)
    of_server = Deflate(server_max_window_bits=8)
    assert Deflate.of(of_client, client=False) is of_client
    assert Deflate.of(of_server, client=True) is of_server
    with pytest.raises(ValueError, match=r"Deflate\.client_max_window_bits=8"):
        Deflate.of(of_client, client=True)
    with pytest.raises(ValueError, match=r"Deflate\.server_max_window_bits=8"):
        Deflate.of(of_server, client=False)
