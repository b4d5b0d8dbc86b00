"""The options that every command has which connects somewhere."""

from __future__ import annotations

import argparse
import math
import ssl
from typing import Any

from longwire.cli.failures import WrongUsage
from longwire.errors import AddressError
from longwire.link.client_opening import USER_AGENT, check_offer
from longwire.link.route import Route
from longwire.link.tcp import Tcp
from longwire.link.tls import TLS


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
        "--user-agent", metavar="TEXT", help="the User-Agent header; '' for none (longwire/VERSION)"
    )
    _add_way(parser.add_argument_group("way"))
    _add_tls(parser.add_argument_group("TLS"))


def _add_way(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--proxy",
        metavar="URL",
        help="http://, https://, socks4://, socks4a://, socks5:// or socks5h://; none: no proxy. "
        "By default the one that the environment has (https_proxy and its kin, no_proxy)",
    )
    group.add_argument(
        "--unix", metavar="PATH", help="connect to this Unix socket; the URL gives Host and path"
    )


def _add_tls(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--ca",
        "--cafile",
        metavar="FILE",
        help="trust the certificate authorities in this file (PEM) or folder only",
    )
    group.add_argument("--cert", metavar="FILE", help="a certificate of our own to show (PEM)")
    group.add_argument("--key", metavar="FILE", help="its key, if it is in a file of its own")
    group.add_argument(
        "--server-name",
        metavar="NAME",
        help="ask for this name and check it, instead of the URL's host",
    )
    group.add_argument(
        "--insecure",
        action="store_true",
        help="accept any certificate: whoever is on the way can read and change everything",
    )


def connection_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was asked for, as `connect` and `dial` take it.

    Raises:
        AddressError: a file for TLS, or the proxy's URL, cannot be used.
        WrongUsage: something cannot be meant.
    """
    offer = {
        "origin": arguments.origin,
        "subprotocols": tuple(arguments.subprotocol),
        "compression": None if arguments.no_compression else "deflate",
        "user_agent": USER_AGENT if arguments.user_agent is None else arguments.user_agent or None,
    }
    proxy = {None: True, "none": None}.get(arguments.proxy, arguments.proxy)
    try:
        check_offer(arguments.header, **offer)
        Route.of(proxy=proxy, unix=arguments.unix, sock=None, tcp=Tcp())
    except ValueError as error:
        raise WrongUsage(str(error)) from error
    return {
        **offer,
        "headers": arguments.header,
        "open_timeout": arguments.open_timeout,
        "proxy": proxy,
        "unix": arguments.unix,
        "tls": _tls(arguments),
    }


def _tls(arguments: argparse.Namespace) -> TLS | None:
    chosen = {
        "ca": arguments.ca,
        "certificate": arguments.cert,
        "key": arguments.key,
        "server_name": arguments.server_name,
    }
    if not arguments.insecure and not any(chosen.values()):
        return None
    try:
        tls = TLS(**chosen)
        return unchecked(tls) if arguments.insecure else tls
    except ValueError as error:
        what = str(error).replace("TLS.server_name", "--server-name").replace("TLS.ca", "--ca")
        what = what.replace("TLS.certificate", "--cert").replace("TLS.key", "--key")
        raise AddressError(
            what, kind="address", retryable=False, blame="local"
        ) from error.__cause__


def unchecked(tls: TLS) -> TLS:
    """The same, with a context that accepts any certificate."""
    context = tls.complete()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return TLS(context=context, server_name=tls.server_name)


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
