"""The client's side of the opening handshake, without input and output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.errors import ConnectError
from longwire.link.body import Body
from longwire.link.deflate import DeflateParameters
from longwire.link.errormap import map_error
from longwire.link.handshake import ClientHandshake, read_fields
from longwire.link.headers import Headers, HeadersLike, checked_pairs, is_field_value, is_token
from longwire.link.zlibs import checked_compression
from longwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.core.compression import Compression, Deflate
    from longwire.link.address import Address

MAX_HEAD: Final = 64 * 1024
"""Bytes of an answer's head, with those of informational answers before it. Servers commonly send
less than 8 KiB of header fields."""
MAX_BODY: Final = 64 * 1024
"""Bytes of a rejection's body that are kept."""

USER_AGENT: Final = f"longwire/{__version__}"
"""What we call ourselves unless told otherwise."""

_END: Final = b"\r\n\r\n"
_HTTP: Final = b"HTTP/1."
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?")
_OWN_FIELDS: Final = frozenset({"connection", "upgrade", "content-length", "transfer-encoding"})
"""Fields that make the opening what it is, beside all of ``Sec-WebSocket-*``."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The server's answer to an opening request."""

    status: int
    headers: Headers
    body: bytes = b""
    """The start of the body, if the status is not 101."""
    subprotocol: str | None = None
    deflate: DeflateParameters | None = None
    early: bytes = b""
    """What came behind the blank line of a 101: the first frames."""

    @property
    def redirects(self) -> bool:
        """Whether it sends the client somewhere else."""
        return self.status in {301, 302, 303, 307, 308}


class ClientOpening:
    """One opening: send `request_bytes`, then `feed` until there is an `Answer`.

    For each attempt and each redirect make a new one.

    Args:
        address: Where to; its user and password become basic authentication.
        headers: Added to the request. ``Host``, ``Authorization`` and ``User-Agent`` replace ours;
            fields of the handshake itself are refused.
        origin: The ``Origin`` field; None: none.
        subprotocols: Offered, in order of preference.
        compression: ``"deflate"`` or `Deflate` options offer permessage-deflate, None nothing.
        user_agent: The ``User-Agent`` field, unless ``headers`` have one; None: none.

    Raises:
        ConnectError: something here must not be sent, such as a line end in a header (``kind`` is
            ``local``). Nothing has been sent then.
    """

    def __init__(
        self,
        address: Address,
        *,
        headers: HeadersLike = (),
        origin: str | None = None,
        subprotocols: Sequence[str] = (),
        compression: Compression = "deflate",
        user_agent: str | None = USER_AGENT,
    ) -> None:
        self._where = str(address)
        try:
            fields = _user_fields(headers, origin, user_agent)
            deflate = _checked_offer(origin, subprotocols, compression)
        except (TypeError, ValueError) as error:
            raise ConnectError(
                str(error), kind="local", retryable=False, blame="local", where=self._where
            ) from None
        self._handshake = ClientHandshake(
            address, fields, origin=origin, subprotocols=subprotocols, deflate=deflate
        )
        self._buffer = bytearray()
        self._scanned = 0
        self._taken = 0
        self._head: Answer | None = None
        self._body: Body | None = None

    @property
    def request_headers(self) -> Headers:
        """The fields of the request, as they are sent."""
        return self._handshake.headers

    def request_bytes(self) -> bytes:
        """The request, to be sent first."""
        return self._handshake.request_bytes()

    def feed(self, data: bytes) -> Answer | None:
        """Take received bytes; returns the answer once it is complete, None until then.

        A redirect is complete without its body. Do not call it again after an answer or an error.

        Raises:
            ConnectError: this is no WebSocket handshake (``kind`` is ``handshake``).
        """
        if self._body is None:
            self._buffer += data
            while self._head is None:
                head = self._take_head()
                if head is None:
                    return None
                self._head = self._read_head(head)
            if self._head.status == 101:
                return msgspec.structs.replace(self._head, early=bytes(self._buffer))
            self._body = Body(self._head.status, self._head.headers, MAX_BODY)
            data = bytes(self._buffer)
        self._body.feed(data)
        complete = self._body.complete or (self._head is not None and self._head.redirects)
        return self.partial if complete else None

    @property
    def partial(self) -> Answer | None:
        """A rejection with as much of its body as has come; None before its head is complete."""
        if self._head is None or self._body is None:
            return None
        return msgspec.structs.replace(self._head, body=self._body.content)

    @property
    def received(self) -> int:
        """Bytes of an answer's head that have come while it is not complete."""
        return len(self._buffer)

    def eof(self) -> Answer:
        """The connection has ended: returns the rejection whose body ends so.

        Raises:
            ConnectError: the answer was not complete (``kind`` is ``eof``).
        """
        if self.partial is not None:
            return self.partial
        raise ConnectError(
            f"the connection ended inside the answer, after {self.received} bytes"
            if self.received
            else "the connection ended before any answer",
            kind="eof",
            retryable=True,
            blame="peer",
            where=self._where,
            hint="the server or a proxy closed it",
        )

    def _take_head(self) -> bytes | None:
        """Everything up to and including the blank line, once it is there."""
        end = self._buffer.find(_END, max(0, self._scanned - len(_END) + 1))
        self._scanned = len(self._buffer)
        if not self._buffer.startswith(_HTTP[: self._scanned]) or _bare_line_end(self._buffer):
            # Said at once, not after a time limit: what talks here will never speak HTTP.
            raise self._invalid("the answer is not HTTP/1.1")
        # Informational answers count as well: there may be any number of them.
        room = MAX_HEAD - self._taken
        if end < 0 and self._scanned <= room:
            return None
        if end < 0 or end + len(_END) > room:
            raise self._invalid(f"the head of the answer is over {MAX_HEAD} bytes")
        head = bytes(self._buffer[: end + len(_END)])
        del self._buffer[: len(head)]
        self._scanned = 0
        self._taken += len(head)
        return head

    def _read_head(self, head: bytes) -> Answer | None:
        line, _, fields = head.partition(b"\r\n")
        status_line = _STATUS_LINE.fullmatch(line)
        if not status_line:
            raise self._invalid("the answer does not begin with a status line")
        status = int(status_line[2])
        if status < 200 and status != 101:
            return None  # informational; the answer proper follows (RFC 9110, 15.2)
        if status == 101 and status_line[1] == b"0":
            raise self._invalid("the answer switches protocols in HTTP/1.0")
        try:
            answer = Answer(status=status, headers=read_fields(fields))
            if status != 101:
                return answer
            subprotocol, deflate = self._handshake.verify(answer.headers)
        except (ValueError, LookupError, EOFError) as error:
            raise self._invalid("the header fields of the answer cannot be read") from error
        except Exception as error:
            raise map_error(error, phase="opening", where=self._where) from error
        return msgspec.structs.replace(answer, subprotocol=subprotocol, deflate=deflate)

    def _invalid(self, what: str) -> ConnectError:
        return ConnectError(
            what,
            kind="handshake",
            retryable=False,
            blame="peer",
            where=self._where,
            hint="check that the URL is that of a WebSocket server",
        )


def _bare_line_end(buffer: bytearray) -> bool:
    """Whether the first line ends without CR, as no HTTP/1.1 line does (RFC 9112, 2.2)."""
    end = buffer.find(b"\n", 0, MAX_HEAD)
    return end >= 0 and buffer[end - 1 : end] != b"\r"


def check_offer(
    headers: HeadersLike,
    *,
    origin: str | None,
    subprotocols: Sequence[str],
    compression: Compression,
    user_agent: str | None,
) -> None:
    """Check what an opening would say, without an address to say it to.

    Raises:
        TypeError: something is of the wrong type.
        ValueError: something must not be sent. The text shows no header's value.
    """
    _checked_offer(origin, subprotocols, compression)
    _user_fields(headers, origin, user_agent)


def _user_fields(
    headers: HeadersLike, origin: str | None, user_agent: str | None
) -> list[tuple[str, str]]:
    if user_agent is not None and not is_field_value(user_agent):
        raise ValueError("user_agent has characters that must not be sent")
    fields = checked_pairs(headers)
    names = [name.lower() for name, _ in fields]
    for name in names:
        if name in _OWN_FIELDS or name.startswith("sec-websocket-"):
            raise ValueError(
                f"header {name} belongs to the handshake: "
                "use subprotocols= and compression= where they fit"
            )
    if names.count("host") > 1:
        raise ValueError("header host is given more than once")
    if origin is not None and "origin" in names:
        raise ValueError("Origin is given twice: as origin= and in headers=")
    if "user-agent" not in names and user_agent is not None:
        fields.append(("User-Agent", user_agent))
    return fields


def _checked_offer(
    origin: str | None, subprotocols: Sequence[str], compression: Compression
) -> Deflate | None:
    """Check it; returns how permessage-deflate is offered."""
    if origin is not None and not is_field_value(origin):
        raise ValueError("origin has characters that must not be sent")
    if isinstance(subprotocols, str):
        raise TypeError("subprotocols must be a sequence of names, not one string")
    if not all(map(is_token, subprotocols)):
        raise ValueError("a subprotocol is not a valid name")
    if len(set(subprotocols)) != len(subprotocols):
        raise ValueError("a subprotocol is offered twice")
    return checked_compression(compression, client=True)
