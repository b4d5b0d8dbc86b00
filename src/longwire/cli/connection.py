"""The options that every command has which connects somewhere."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from longwire.errors import AddressError

if TYPE_CHECKING:
    import ssl


def add_connection_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the URL, and what is said and demanded when a connection is opened."""
    parser.add_argument("url", metavar="URL", help="ws:// or wss://")
    group = parser.add_argument_group("opening")
    group.add_argument(
        "--header",
        action="append",
        type=_header,
        default=[],
        metavar="'K: V'",
        help="a header field of the opening request; may be repeated",
    )
    group.add_argument("--origin", help="the Origin header; none by default")
    group.add_argument(
        "--subprotocol",
        action="append",
        default=[],
        metavar="NAME",
        help="offered, in order of preference; may be repeated",
    )
    group.add_argument(
        "--no-compression", action="store_true", help="do not offer permessage-deflate"
    )
    group.add_argument(
        "--open-timeout",
        type=seconds,
        default=10.0,
        metavar="SECONDS",
        help="the most that one opening may take (%(default)g)",
    )
    group.add_argument(
        "--cafile", metavar="FILE", help="trust the certificate authorities in this file (PEM) only"
    )
    group.add_argument(
        "--insecure",
        action="store_true",
        help="accept any certificate: whoever is on the way can read and change everything",
    )


def connection_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was asked for, as `connect` and `dial` take it.

    Raises:
        AddressError: the certificate file cannot be used.
    """
    return {
        "headers": arguments.header,
        "origin": arguments.origin,
        "subprotocols": tuple(arguments.subprotocol),
        "compression": None if arguments.no_compression else "deflate",
        "open_timeout": arguments.open_timeout,
        "tls": _tls(arguments.cafile, insecure=arguments.insecure),
    }


def _tls(cafile: str | None, *, insecure: bool) -> ssl.SSLContext | None:
    if cafile is None and not insecure:
        return None
    import ssl  # noqa: PLC0415 - most addresses need no context of our own

    try:
        context = ssl.create_default_context(cafile=cafile)
    except (OSError, ssl.SSLError) as error:
        raise AddressError(
            f"--cafile {cafile}: {error}", kind="address", retryable=False, blame="local"
        ) from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        # The value may be a secret, and a terminal's scrollback is read by others.
        raise argparse.ArgumentTypeError("write it as 'Name: value'")
    return name.strip(), value.strip()


def seconds(text: str) -> float:
    """A length of time above 0, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def seconds_or_none(text: str) -> float | None:
    """The same, where 0 stands for none at all."""
    return None if text.strip() in {"0", "0.0", "none"} else seconds(text)


def count(text: str) -> int:
    """A whole number above 0, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)
