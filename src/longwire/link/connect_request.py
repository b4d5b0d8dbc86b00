"""CONNECT (RFC 9110, 9.3.6): asking an HTTP proxy for a tunnel, without input and output."""

from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING, Final

from longwire.errors import ProxyError
from longwire.link.address import host_port
from longwire.link.handshake import read_fields
from longwire.link.rejection import retry_after

if TYPE_CHECKING:
    from longwire.errors import Blame, ProxyProblem
    from longwire.link.address import Address
    from longwire.link.headers import Headers
    from longwire.link.proxy import Proxy

MAX_HEAD: Final = 64 * 1024
"""Bytes of an answer's head."""

_END: Final = b"\r\n\r\n"
_HTTP: Final = b"HTTP/1."
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?")
_PASSING: Final = frozenset({408, 425, 429})


class ConnectRequest:
    """One request: send `request_bytes`, then `feed` until it says that the tunnel is there.

    Args:
        proxy: Who is asked; its user and password become basic authentication.
        address: Where the tunnel is to lead.
        user_agent: The ``User-Agent`` field; None: none.
    """

    def __init__(self, proxy: Proxy, address: Address, *, user_agent: str | None) -> None:
        self._proxy = proxy
        self._where = str(address)
        self._target = host_port(address.host.partition("%")[0], address.port)
        self._user_agent = user_agent
        self._buffer = bytearray()

    def request_bytes(self) -> bytes:
        """The request, to be sent first."""
        lines = [f"CONNECT {self._target} HTTP/1.1", f"Host: {self._target}"]
        if self._user_agent is not None:
            lines.append(f"User-Agent: {self._user_agent}")
        if self._proxy.userinfo is not None:
            token = base64.b64encode(":".join(self._proxy.userinfo).encode()).decode("ascii")
            lines.append(f"Proxy-Authorization: Basic {token}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def feed(self, data: bytes) -> bool:
        """Take received bytes; returns whether the tunnel is there.

        Raises:
            ProxyError: the proxy said no, or what answers is none.
        """
        self._buffer += data
        while True:
            if not self._buffer.startswith(_HTTP[: len(self._buffer)]):
                # Said at once, not after a time limit: what talks here will never speak HTTP.
                raise self._strange("does not answer in HTTP/1.1")
            end = self._buffer.find(_END)
            if max(end, len(self._buffer) if end < 0 else 0) > MAX_HEAD:
                raise self._strange(f"answers with a head of over {MAX_HEAD} bytes")
            if end < 0:
                return False
            head = bytes(self._buffer[: end + len(_END)])
            del self._buffer[: len(head)]
            if self._accepted(head):
                return True

    def _accepted(self, head: bytes) -> bool:
        line, _, fields = head.partition(b"\r\n")
        found = _STATUS_LINE.fullmatch(line)
        if not found:
            raise self._strange("answers with no status line")
        status = int(found[1])
        if status < 200:
            return False  # informational; the answer proper follows (RFC 9110, 15.2)
        try:
            headers = read_fields(fields)
        except Exception as error:
            raise self._strange("answers with header fields that cannot be read") from error
        if status >= 300:
            raise self._refusal(status, headers)
        if self._buffer:
            # Neither TLS nor WebSocket lets the server speak first.
            raise self._strange("sends more than an answer")
        return True

    def _refusal(self, status: int, headers: Headers) -> ProxyError:
        problem, blame, hint = _meaning(status)
        return ProxyError(
            f"the proxy {self._proxy} answered HTTP {status}",
            problem=problem,
            proxy=str(self._proxy),
            status=status,
            retryable=status in _PASSING or status >= 500,
            blame=blame,
            from_environment=bool(self._proxy.variable),
            retry_after=retry_after(headers, now=time.time()),
            where=self._where,
            hint=hint + origin_hint(self._proxy),
        )

    def _strange(self, what: str) -> ProxyError:
        return ProxyError(
            f"the proxy {self._proxy} {what}",
            problem="protocol",
            proxy=str(self._proxy),
            retryable=False,
            blame="unknown",
            from_environment=bool(self._proxy.variable),
            where=self._where,
            hint="check the proxy's scheme and port" + origin_hint(self._proxy),
        )


def _meaning(status: int) -> tuple[ProxyProblem, Blame, str]:
    if status == 407:
        return "credentials", "local", "put user and password into the proxy's URL, or correct them"
    if status in {502, 503, 504}:
        return "target-unreachable", "unknown", "the proxy does not reach the server"
    if status >= 500:
        return "target-unreachable", "unknown", "the proxy is in trouble"
    return "denied", "network", "ask the proxy's operator to allow this host and port"


def origin_hint(proxy: Proxy) -> str:
    """Where a proxy came from that nobody may have thought of, to be put behind a hint."""
    if not proxy.variable:
        return ""
    return f"; it comes from {proxy.variable} in the environment, proxy=None does without it"
