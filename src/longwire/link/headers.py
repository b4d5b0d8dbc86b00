"""HTTP header fields: an immutable, case-insensitive mapping that keeps what was repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HeadersLike = Mapping[str, str] | Iterable[tuple[str, str]]
"""What users may pass where header fields are wanted."""

_TOKEN: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
"""A field's name, or a subprotocol (RFC 9110, 5.6.2)."""

_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""A field's value (RFC 9110, 5.5) in ISO-8859-1. No CR, LF or NUL, so nothing can be injected."""

_HARMLESS: Final = frozenset(
    {
        "accept",
        "allow",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "host",
        "retry-after",
        "sec-websocket-accept",
        "sec-websocket-extensions",
        "sec-websocket-version",
        "server",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "vary",
        "via",
    }
)
"""Fields whose values ``repr`` shows. Any other may be a secret, whatever its name says."""

_USUAL: Final = {
    text: text
    for text in (
        "Accept-Encoding",
        "Accept-Language",
        "Cache-Control",
        "Connection",
        "Host",
        "Origin",
        "Pragma",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Version",
        "Upgrade",
        "User-Agent",
        "13",
        "keep-alive, Upgrade",
        "websocket",
    )
}
"""What nearly every opening has, so that links share it."""


class Headers(Mapping[str, str]):
    """Header fields in the order they came; names compare without regard to case.

    A repeated field reads as one value joined by ``", "`` (RFC 9110, 5.3); `get_all` gives the
    parts, which matters for ``Set-Cookie``. ``repr`` hides values that may be secret.

    Args:
        fields: A mapping, or name and value pairs. They are not checked; see `checked_pairs`.
    """

    # Nothing but what came, name after value after name: every link keeps its request's, and hardly
    # any is ever asked for them.
    __slots__ = ("_flat",)

    def __init__(self, fields: HeadersLike = ()) -> None:
        self._flat = tuple(
            _USUAL.get(text, text) for name, value in pairs_of(fields) for text in (name, value)
        )

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every field as it came: spelling, order and repetitions kept."""
        return tuple(zip(self._flat[::2], self._flat[1::2], strict=True))

    def get_all(self, name: str) -> tuple[str, ...]:
        """The values of a field, one for each time it came; empty if it did not."""
        wanted = name.lower()
        return tuple(value for name, value in self.pairs if name.lower() == wanted)

    def _by_name(self) -> dict[str, tuple[str, ...]]:
        return {name: self.get_all(name) for name in self}

    def __getitem__(self, name: str) -> str:
        values = self.get_all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.get_all(name))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name, _ in self.pairs))

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self.pairs})

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers):
            return self._by_name() == other._by_name()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._by_name().items()))

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}: {value if name.lower() in _HARMLESS else '…'}" for name, value in self.pairs
        )
        return f"Headers({shown})"


def pairs_of(fields: HeadersLike) -> Iterable[tuple[str, str]]:
    """The fields as name and value pairs, whatever form they came in."""
    if isinstance(fields, Headers):
        return fields.pairs
    if isinstance(fields, Mapping):
        return fields.items()
    return fields


def checked_pairs(fields: HeadersLike) -> list[tuple[str, str]]:
    """The fields as pairs that are safe to send.

    Raises:
        ValueError: a name is no token, or a value has characters that must not be sent, such as
            CR, LF and NUL. The text names the field and never shows its value.
        TypeError: something is not a pair of strings.
    """
    checked = []
    for pair in pairs_of(fields):
        name, value = _two_strings(pair)
        if not is_token(name):
            raise ValueError(f"{_shown(name)} is not a header name")
        if not is_field_value(value):
            raise ValueError(f"the value of header {name} has characters that must not be sent")
        checked.append((name, value.strip(" \t")))
    return checked


def _two_strings(pair: object) -> tuple[str, str]:
    # A string of two characters would unpack, too.
    if isinstance(pair, tuple | list) and len(pair) == 2:
        name, value = pair
        if isinstance(name, str) and isinstance(value, str):
            return name, value
    raise TypeError("header fields must be pairs of strings, or a mapping")


def is_token(text: str) -> bool:
    """Whether this can be a field's name or a subprotocol."""
    return _TOKEN.fullmatch(text) is not None


def is_field_value(text: str) -> bool:
    """Whether this can be sent as a field's value."""
    return _VALUE.fullmatch(text) is not None


def _shown(name: str) -> str:
    # A mixed-up "name" may hold the secret that belongs into the value.
    return ascii(name if len(name) <= 20 else name[:8] + "…")
