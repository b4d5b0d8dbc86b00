"""``--listen HOST:PORT``: where a command of ours serves."""

from __future__ import annotations

import argparse


def place(text: str) -> tuple[str, int]:
    """Host and port, for argparse; brackets around an IPv6 address; port 0: any free one."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isdecimal() and int(port) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:9001")
    return host, int(port)
