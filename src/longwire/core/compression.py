"""How messages are compressed: the options of permessage-deflate (RFC 7692)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Deflate:
    """What is agreed on with the peer about compression, and how we compress ourselves.

    The names of the first four are those of RFC 7692, 7.1, so one group means the same on either
    side: ``client_...`` speaks of what the client sends, ``server_...`` of what the server sends.
    Whether compression is used at all is for both to decide; if either does not want it, or not on
    these terms, the link is made without.

    Args:
        server_no_context_takeover: The server forgets its window after each message: it keeps no
            memory between messages, and short messages shrink less. A client asks for it, a server
            says so. False, since context is what makes short messages small.
        client_no_context_takeover: The same of the client; a server asks for it of every client
            that is compressed, and each must obey.
        server_max_window_bits: The largest window of the server, as a power of two: 9 to 15, from
            512 bytes to 32 KiB; a client may ask for 8 as well. A server that cannot obey declines
            compression. None: a client leaves it to the server; a server takes 12, since it may
            have many links, and 4 KiB hold a few of the messages that are like the next one.
        client_max_window_bits: The largest window of the client: 9 to 15; a server may ask for 8
            as well, and can ask only those that offer to obey, as all common clients do. None: a
            client takes what the server asks for, and 15 where it asks for nothing; a server takes
            12, for the same reason.
        require_client_max_window_bits: A server declines compression for clients that do not offer
            to obey ``client_max_window_bits``; else it would have to keep 32 KiB for each of those.
            False, since compression is worth that. A client ignores it.
        send: Whether we compress what we send. False: the peer may compress, we do not, which costs
            neither time nor memory. (The other way there is none: who agreed to permessage-deflate
            must inflate what comes.)
        level: From 1, the fastest, to 9, the smallest. 6, zlib's own default.
        memory: Memory for compressing: zlib's ``memLevel``, from 1 to 9. 5, half of the memory of
            zlib's own default for about the same size of short messages.
        min_bytes: Messages shorter than this are sent as they are, as RFC 7692, 6 allows for each
            message. 64: what deflate adds would eat what it gains.

    Raises:
        TypeError: a number is not whole, or a choice neither True nor False.
        ValueError: a number is out of range.
    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int | None = None
    client_max_window_bits: int | None = None
    require_client_max_window_bits: bool = False
    send: bool = True
    level: int = 6
    memory: int = 5
    min_bytes: int = 64

    def __post_init__(self) -> None:
        for name in (
            "server_no_context_takeover",
            "client_no_context_takeover",
            "require_client_max_window_bits",
            "send",
        ):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(
                    f"Deflate.{name} must be True or False, not {getattr(self, name)!r}"
                )
        for name in ("server_max_window_bits", "client_max_window_bits"):
            if getattr(self, name) is not None:
                _check(f"Deflate.{name}", getattr(self, name), 8, 15)
        _check("Deflate.level", self.level, 1, 9)
        _check("Deflate.memory", self.memory, 1, 9)
        _check("Deflate.min_bytes", self.min_bytes, 0, None)

    @classmethod
    def of(cls, value: Compression, *, client: bool) -> Deflate | None:
        """What ``compression=`` accepts, as options; None for None.

        Args:
            value: ``"deflate"``, options, or None.
            client: Whether they are a client's, or a server's.

        Raises:
            ValueError: it is neither, or asks us to compress with a window of 8 bits.
        """
        if value is None:
            return None
        if value == "deflate":
            return cls()
        if isinstance(value, cls):
            own = "client_max_window_bits" if client else "server_max_window_bits"
            if getattr(value, own) != 8:
                return value
            raise ValueError(
                f"Deflate.{own}=8 is for the other side: zlib compresses with 9 or more"
            )
        raise ValueError(f'compression must be "deflate", Deflate options or None, not {value!r}')


Compression = Literal["deflate"] | Deflate | None
"""``"deflate"``: permessage-deflate with the defaults of `Deflate`, where both sides want it; or
`Deflate` with other values. None: never."""


def _check(name: str, value: object, least: int, most: int | None) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < least or (most is not None and value > most):
        bounds = f"{least} or more" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name}={value} must be {bounds}")
