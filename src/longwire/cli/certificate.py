"""The options of commands that speak TLS with their clients."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NoReturn

from longwire.cli.failures import WrongUsage

if TYPE_CHECKING:
    import argparse


def add_certificate_arguments(group: argparse._ActionsContainer) -> None:
    """Add ``--tls-cert`` and ``--tls-key``."""
    group.add_argument(
        "--tls-cert", metavar="FILE", help="speak TLS with clients, with this certificate (PEM)"
    )
    group.add_argument("--tls-key", metavar="FILE", help="its key, if it is in a file of its own")


def certificate_context(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    """The context that was asked for; None: no TLS.

    Raises:
        WrongUsage: the files cannot be used, or there is a key alone.
    """
    if arguments.tls_cert is None:
        if arguments.tls_key is not None:
            raise WrongUsage("--tls-key needs --tls-cert")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(arguments.tls_cert, arguments.tls_key, _no_password)
    except OSError as error:
        unread = isinstance(error, ssl.SSLError) and not error.reason
        why = "they are not in PEM format" if unread else None
        reason = why or getattr(error, "reason", None) or error.strerror
        raise WrongUsage(f"--tls-cert and --tls-key cannot be used: {reason}") from error
    return context


def _no_password() -> NoReturn:
    raise WrongUsage("--tls-key is encrypted: give one that is not")
