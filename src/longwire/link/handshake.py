"""What the opening handshake needs of the websockets library, which only this file imports.

websockets builds the request, reads header fields, checks keys and versions, and negotiates. It is
imported at first use, not with longwire. What it raises is mapped by the callers, `client_opening`
and `server_opening`; they also own the limits, the bodies, and the rule that websockets is given
the head of a message only: the bytes behind the blank line belong to our own parser.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from longwire.link.deflate import DeflateParameters
from longwire.link.headers import Headers
from longwire.link.routing import Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from websockets.extensions import ClientExtensionFactory, ServerExtensionFactory
    from websockets.protocol import Protocol

    from longwire.core.compression import Deflate
    from longwire.link.address import Address

# ruff: noqa: PLC0415 - the imports inside functions are what this module is for

Field = tuple[str, str]

_SILENT: Final = logging.Logger(  # noqa: LOG001 - unregistered: nothing can switch it on
    "longwire.handshake", logging.CRITICAL + 1
)
"""websockets logs requests, and their secrets with them; what there is to log is logged by us."""
_LONGEST_LINE: Final = 8192
"""Bytes of a request line, as in most servers, and in websockets for the lines of fields."""
_REQUEST_LINE: Final = re.compile(rb"([!-~]+) ([!-~]+) (HTTP/1\.[01])")
_WINDOW_BITS: Final = 12
"""The server's default for both windows: 4 KiB instead of 32 each, as a server has many links."""
_LET_GO: Final = {"memLevel": 1}
"""What websockets negotiates comes with a compressor, which is let go: let it be a small one."""
_HOW_TO_UPGRADE: Final[tuple[Field, ...]] = (
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
)


class ClientHandshake:
    """One opening request, and the check of what answers it.

    Args:
        address: Where to; its user and password become basic authentication.
        fields: Checked fields of the user. Any of them replaces ours of the same name.
        origin: The ``Origin`` field; None: none.
        subprotocols: Offered, in order of preference.
        deflate: On what terms permessage-deflate is offered; None: it is not.
    """

    def __init__(
        self,
        address: Address,
        fields: Sequence[tuple[str, str]],
        *,
        origin: str | None,
        subprotocols: Sequence[str],
        deflate: Deflate | None,
    ) -> None:
        from websockets.client import ClientProtocol
        from websockets.datastructures import Headers as WebSocketsHeaders
        from websockets.typing import Origin, Subprotocol
        from websockets.uri import WebSocketURI

        self._deflate = deflate
        user, password = address.userinfo or (None, None)
        path, _, query = address.target.partition("?")
        self._protocol = ClientProtocol(
            WebSocketURI(address.secure, address.host, address.port, path, query, user, password),
            origin=None if origin is None else Origin(origin),
            extensions=[_client_deflate(deflate)] if deflate else None,
            subprotocols=[Subprotocol(one) for one in subprotocols] or None,
            logger=_SILENT,
        )
        self._request = self._protocol.connect()
        replaced = {name.lower() for name, _ in fields} | {"host"}
        host = [value for name, value in fields if name.lower() == "host"] or [address.authority]
        self._request.headers = WebSocketsHeaders(
            [
                ("Host", host[0]),
                *(
                    one
                    for one in self._request.headers.raw_items()
                    if one[0].lower() not in replaced
                ),
                *(one for one in fields if one[0].lower() != "host"),
            ]
        )

    @property
    def headers(self) -> Headers:
        """The fields of the request."""
        return Headers(list(self._request.headers.raw_items()))

    def request_bytes(self) -> bytes:
        """The request as it is sent."""
        return self._request.serialize()

    def verify(self, headers: Headers) -> tuple[str | None, DeflateParameters | None]:
        """Check the fields of a 101; returns the subprotocol and the compression agreed on.

        Raises:
            websockets.exceptions.InvalidHandshake: they do not answer this request.
        """
        from websockets.datastructures import Headers as WebSocketsHeaders
        from websockets.http11 import Response as WebSocketsResponse

        fields = WebSocketsHeaders(list(headers.pairs))
        self._protocol.process_response(WebSocketsResponse(101, "", fields))
        return self._protocol.subprotocol, _taken(self._protocol, self._deflate)


class ParsedRequest(NamedTuple):
    """The head of a request, taken apart."""

    method: str
    target: str
    version: str
    """``HTTP/1.1`` or ``HTTP/1.0``."""
    headers: Headers
    subprotocols: tuple[str, ...]


class ServerHandshake:
    """The check of one opening request, and what answers it.

    Args:
        origins: Acceptable values of ``Origin``, None among them for its absence; None: any.
        deflate: On what terms permessage-deflate is accepted where it is offered; None: never.
    """

    def __init__(self, *, origins: Sequence[str | None] | None, deflate: Deflate | None) -> None:
        from websockets.server import ServerProtocol
        from websockets.typing import Origin

        self._deflate = deflate
        self._protocol = ServerProtocol(
            origins=None
            if origins is None
            else [None if one is None else Origin(one) for one in origins],
            extensions=[_server_deflate(deflate)] if deflate else None,
            logger=_SILENT,
        )

    def parse(self, head: bytes) -> ParsedRequest:
        """Take the head of a request apart, blank line included.

        Raises:
            Refusal: 400, 414 or 431.
        """
        from websockets.exceptions import InvalidHandshake
        from websockets.headers import parse_subprotocol

        line, _, fields = head.partition(b"\r\n")
        if len(line) > _LONGEST_LINE:
            raise Refusal(Response(414, body="the request line is too long\n"))
        request_line = _REQUEST_LINE.fullmatch(line)
        if not request_line:
            raise Refusal(Response(400, body="this is not an HTTP/1.1 request\n"))
        method, target, version = (word.decode("ascii") for word in request_line.groups())
        try:
            headers = read_fields(fields)
            offered = [
                name
                for value in headers.get_all("sec-websocket-protocol")
                for name in parse_subprotocol(value)
            ]
        except (InvalidHandshake, ValueError, EOFError) as error:
            _refuse(error)
        return ParsedRequest(method, target, version, headers, tuple(offered))

    def verify(self, request: ParsedRequest) -> tuple[list[Field], DeflateParameters | None]:
        """Check a request and negotiate; returns fields of the 101, and the compression.

        Raises:
            Refusal: 400, 403 (origin), 405, 426 (no upgrade, or another version) or 505.
        """
        from websockets.datastructures import Headers as WebSocketsHeaders
        from websockets.exceptions import InvalidHandshake
        from websockets.http11 import Request as WebSocketsRequest

        if request.method != "GET":
            raise Refusal(Response(405, {"Allow": "GET"}, "a WebSocket is opened with GET\n"))
        if request.version != "HTTP/1.1":
            raise Refusal(Response(505, body="a WebSocket is opened with HTTP/1.1\n"))
        headers = WebSocketsHeaders(list(request.headers.pairs))
        try:
            accept, extensions, _ = self._protocol.process_request(
                WebSocketsRequest(request.target, headers)
            )
        except InvalidHandshake as error:
            _refuse(error)
        fields = [
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", accept),
        ]
        if extensions is not None:
            fields.append(("Sec-WebSocket-Extensions", extensions))
        return fields, _taken(self._protocol, self._deflate)


def _client_deflate(options: Deflate) -> ClientExtensionFactory:
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

    smallest = ("client_max_window_bits", "8")

    class Factory(ClientPerMessageDeflateFactory):
        def process_response_params(self, params: Any, accepted_extensions: Any) -> Any:
            # Our offer allows it (RFC 7692, 7.1.2.2), and `Deflate` can obey; websockets cannot.
            agreed = super().process_response_params(
                [(smallest[0], "9") if one == smallest else one for one in params],
                accepted_extensions,
            )
            if smallest in params:
                agreed.local_max_window_bits = 8
            return agreed

    # There is no larger window than 15: it need not be asked for, and aiohttp would not confirm it.
    server_bits = None if options.server_max_window_bits == 15 else options.server_max_window_bits
    return Factory(
        server_no_context_takeover=options.server_no_context_takeover,
        client_no_context_takeover=options.client_no_context_takeover,
        server_max_window_bits=server_bits,
        # With it we say that we can obey all four parameters of RFC 7692, 7.1.
        client_max_window_bits=options.client_max_window_bits or True,
        compress_settings=_LET_GO,
    )


def _server_deflate(options: Deflate) -> ServerExtensionFactory:
    from websockets.exceptions import NegotiationError
    from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

    class Factory(ServerPerMessageDeflateFactory):
        def process_request_params(self, params: Any, accepted_extensions: Any) -> Any:
            # zlib cannot compress with so small a window; older versions of websockets try.
            if ("server_max_window_bits", "8") in params:
                raise NegotiationError("a window of 8 bits is too small")
            return super().process_request_params(params, accepted_extensions)

    return Factory(
        server_no_context_takeover=options.server_no_context_takeover,
        client_no_context_takeover=options.client_no_context_takeover,
        server_max_window_bits=options.server_max_window_bits or _WINDOW_BITS,
        client_max_window_bits=options.client_max_window_bits or _WINDOW_BITS,
        require_client_max_window_bits=options.require_client_max_window_bits,
        compress_settings=_LET_GO,
    )


def read_fields(lines: bytes) -> Headers:
    """Read header fields up to and including the blank line.

    Raises:
        ValueError, EOFError, websockets.exceptions.InvalidHandshake: they are malformed, or too
            long, or too many.
    """
    from websockets.http11 import parse_headers

    return Headers(list(_finish(parse_headers(_reader(lines).read_line)).raw_items()))


def _reader(data: bytes) -> Any:
    from websockets.streams import StreamReader

    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


def _finish(parser: Generator[None, None, Any]) -> Any:
    """Run a parser that has been given all of its input."""
    try:
        while True:
            next(parser)
    except StopIteration as done:
        return done.value


def _taken(protocol: Protocol, options: Deflate | None) -> DeflateParameters | None:
    """What was negotiated, and how we compress.

    The codecs that come with it are let go: their windows are large.
    """
    from websockets.extensions.permessage_deflate import PerMessageDeflate

    extensions, protocol.extensions = protocol.extensions, []
    for one in extensions:
        if isinstance(one, PerMessageDeflate) and options is not None:
            return DeflateParameters(
                local_no_context_takeover=one.local_no_context_takeover,
                remote_no_context_takeover=one.remote_no_context_takeover,
                local_max_window_bits=one.local_max_window_bits,
                remote_max_window_bits=one.remote_max_window_bits,
                send=options.send,
                level=options.level,
                memory=options.memory,
                min_bytes=options.min_bytes,
            )
    return None


def _refuse(error: Exception) -> NoReturn:
    """Answer what is wrong with a request. The texts name fields, and never show their values."""
    from websockets import exceptions

    status, text = 400, "this is not a valid WebSocket opening"
    fields: tuple[Field, ...] = _HOW_TO_UPGRADE[1:]
    match error:
        case exceptions.SecurityError():
            status, text = 431, "the header fields are too long or too many"
        case exceptions.InvalidOrigin():
            status, text, fields = 403, "this Origin is not allowed", ()
        case exceptions.InvalidUpgrade():
            status, text, fields = 426, "a WebSocket is spoken here", _HOW_TO_UPGRADE
        case exceptions.InvalidHeaderValue(name="Sec-WebSocket-Version"):
            status, text, fields = 426, "WebSocket version 13 is spoken here", _HOW_TO_UPGRADE
        case exceptions.InvalidHeader(name=str(name)):
            text = f"{text}: check {name}"
    raise Refusal(Response(status, fields, f"{text}\n")) from error
