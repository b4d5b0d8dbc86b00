"""What is known of WebSocket libraries: how each connects, receives, sends, and tells the end."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.rust.roles import Kind, Known, Role, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Library(NamedTuple):
    """How the sockets of a library behave.

    Attributes:
        receives: What each way to receive gives.
        sends: Methods that send.
        others: More methods.
        is_sync: Its methods block the thread.
        repeats: After an error, it gives errors again for ever. The others give one, and then say
            that this was the end: again and again, at once, if they are asked again.
    """

    receives: Mapping[str, Shape]
    sends: frozenset[str]
    others: Mapping[str, Known]
    is_sync: bool = False
    repeats: bool = False


_STREAM: Final = MappingProxyType(
    {
        "next": Shape.OPTION_RESULT,
        "try_next": Shape.RESULT_OPTION,
        "select_next_some": Shape.RESULT,
    }
)
_SINK: Final = frozenset({"send", "feed", "send_all", "flush", "start_send"})


def _library(
    receives: Mapping[str, Shape],
    sends: Iterable[str] = _SINK,
    others: Mapping[str, Known] = MappingProxyType({}),
    *,
    is_sync: bool = False,
    repeats: bool = False,
) -> Library:
    return Library(receives, frozenset(sends), others, is_sync, repeats)


LIBRARIES: Final[Mapping[str, Library]] = MappingProxyType(
    {
        "tokio-tungstenite": _library(_STREAM),
        "axum": _library({**_STREAM, "recv": Shape.OPTION_RESULT}),
        "warp": _library(_STREAM),
        "poem": _library(_STREAM),
        "rocket": _library(_STREAM),
        "salvo": _library({**_STREAM, "recv": Shape.OPTION_RESULT}),
        "tide": _library(_STREAM, {"send", "send_string", "send_bytes", "send_json"}),
        "reqwest-websocket": _library(_STREAM),
        "tokio-websockets": _library(_STREAM),
        "gloo": _library(_STREAM),
        "actix": _library({**_STREAM, "recv": Shape.OPTION_RESULT}, {"text", "binary", "ping"}),
        "yawc": _library({"next": Shape.OPTION, "next_frame": Shape.RESULT}, {*_SINK, "send_json"}),
        "ezsockets": _library({"recv": Shape.OPTION_RESULT}, {"text", "binary", "send"}),
        "fastwebsockets": _library(
            {"read_frame": Shape.RESULT}, {"write_frame", "flush"}, repeats=True
        ),
        "soketto": _library(
            {"receive": Shape.RESULT, "receive_data": Shape.RESULT},
            {"send_text", "send_binary", "send_text_owned", "send_ping", "send_pong", "flush"},
            repeats=True,
        ),
        "tungstenite": _library(
            {"read": Shape.RESULT, "read_message": Shape.RESULT},
            {"send", "write", "write_message", "flush", "write_pending"},
            is_sync=True,
            repeats=True,
        ),
        "websocket?": _library(_STREAM),
    }
)
"""``"websocket?"``: one by its messages only."""
SERVERS: Final = frozenset({"axum", "warp", "poem", "rocket", "salvo", "tide", "actix"})
"""Libraries whose sockets are those of a server."""
_CLOSES: Final = frozenset({"close", "reunite", "close_with_reason", "reset"})


def _socket_methods(name: str, library: Library) -> Mapping[str, Known]:
    reader, writer = Kind(f"{name}.reader"), Kind(f"{name}.writer")
    waits = not library.is_sync
    known: dict[str, Known] = {
        one: Known(Role.RECEIVE, shape=shape, waits=waits)
        for one, shape in library.receives.items()
    }
    known |= {one: Known(Role.SEND, waits=waits) for one in library.sends}
    known |= {one: Known(Role.CLOSE, waits=waits) for one in _CLOSES}
    known["split"] = Known(gives=Kind("tuple", (writer, reader)))
    if name in ("fastwebsockets", "actix"):
        known["split"] = Known(gives=Kind("tuple", (reader, writer)))
    known["get_mut"] = known["get_ref"] = Known()
    return MappingProxyType(known | dict(library.others))


METHODS: Final[Mapping[str, Mapping[str, Known]]] = MappingProxyType(
    {name: _socket_methods(name, library) for name, library in LIBRARIES.items()}
)
"""Of the sockets of each library; halves have them, too."""

_WS: Final = Kind("tokio-tungstenite")
_SYNC: Final = Kind("tungstenite")
_RESPONSE: Final = Kind("response")
_CONNECTED: Final = Known(Role.CONNECT, Kind("tuple", (_WS, _RESPONSE)), waits=True)
_ACCEPTED: Final = Known(gives=_WS, waits=True)

FUNCTIONS: Final[Mapping[str, Known]] = MappingProxyType(
    {
        **{
            f"tokio_tungstenite::{name}": _CONNECTED
            for name in (
                "connect_async",
                "connect_async_with_config",
                "connect_async_with_tls_connector",
                "connect_async_tls_with_config",
                "client_async",
                "client_async_with_config",
                "client_async_tls",
                "client_async_tls_with_config",
                "client_async_tls_with_connector",
            )
        },
        **{
            f"tokio_tungstenite::{name}": _ACCEPTED
            for name in (
                "accept_async",
                "accept_async_with_config",
                "accept_hdr_async",
                "accept_hdr_async_with_config",
                "WebSocketStream::from_raw_socket",
                "WebSocketStream::from_partially_read",
                "WebSocketStream::new",
            )
        },
        **{
            f"tungstenite::{name}": Known(Role.CONNECT | Role.BLOCK, Kind("tuple", (_SYNC,)))
            for name in (
                "connect",
                "connect_with_config",
                "client",
                "client_with_config",
                "client_tls",
                "client_tls_with_config",
            )
        },
        **{
            f"tungstenite::{name}": Known(Role.BLOCK, _SYNC)
            for name in ("accept", "accept_hdr", "accept_with_config", "accept_hdr_with_config")
        },
        "tungstenite::WebSocket::from_raw_socket": Known(gives=_SYNC),
        "fastwebsockets::handshake::client": Known(
            Role.CONNECT, Kind("tuple", (Kind("fastwebsockets"), _RESPONSE)), waits=True
        ),
        "fastwebsockets::FragmentCollector::new": Known(gives=Kind("fastwebsockets")),
        "fastwebsockets::FragmentCollectorRead::new": Known(gives=Kind("fastwebsockets.reader")),
        "fastwebsockets::WebSocket::after_handshake": Known(gives=Kind("fastwebsockets")),
        "yawc::WebSocket::connect": Known(Role.CONNECT, Kind("yawc"), waits=True),
        "tokio_websockets::ClientBuilder::connect": Known(
            Role.CONNECT, Kind("tuple", (Kind("tokio-websockets"), _RESPONSE)), waits=True
        ),
        "reqwest_websocket::websocket": Known(Role.CONNECT, Kind("reqwest-websocket"), waits=True),
        "ezsockets::connect": Known(
            Role.CONNECT, Kind("tuple", (Kind("ezsockets.writer"), Kind("future"))), waits=True
        ),
        "actix_ws::handle": Known(
            gives=Kind("tuple", (_RESPONSE, Kind("actix.writer"), Kind("actix.reader")))
        ),
    }
)
TYPES: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "tokio_tungstenite::WebSocketStream": _WS,
        "tungstenite::WebSocket": _SYNC,
        "axum::extract::ws::WebSocket": Kind("axum"),
        "warp::ws::WebSocket": Kind("warp"),
        "poem::web::websocket::WebSocketStream": Kind("poem"),
        "rocket_ws::stream::DuplexStream": Kind("rocket"),
        "salvo::websocket::WebSocket": Kind("salvo"),
        "tide_websockets::WebSocketConnection": Kind("tide"),
        "reqwest_websocket::WebSocket": Kind("reqwest-websocket"),
        "tokio_websockets::WebSocketStream": Kind("tokio-websockets"),
        "tokio_websockets::WebsocketStream": Kind("tokio-websockets"),
        "gloo_net::websocket::futures::WebSocket": Kind("gloo"),
        "actix_ws::Session": Kind("actix.writer"),
        "actix_ws::MessageStream": Kind("actix.reader"),
        "yawc::WebSocket": Kind("yawc"),
        "ezsockets::Socket": Kind("ezsockets"),
        "ezsockets::Session": Kind("ezsockets.writer"),
        "ezsockets::Client": Kind("ezsockets.writer"),
        "fastwebsockets::WebSocket": Kind("fastwebsockets"),
        "fastwebsockets::FragmentCollector": Kind("fastwebsockets"),
        "fastwebsockets::FragmentCollectorRead": Kind("fastwebsockets.reader"),
        "fastwebsockets::WebSocketRead": Kind("fastwebsockets.reader"),
        "fastwebsockets::WebSocketWrite": Kind("fastwebsockets.writer"),
        "soketto::Sender": Kind("soketto.writer"),
        "soketto::connection::Sender": Kind("soketto.writer"),
        "soketto::Receiver": Kind("soketto.reader"),
        "soketto::connection::Receiver": Kind("soketto.reader"),
    }
)
CRATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "tokio_tungstenite": "tokio-tungstenite",
        "axum": "axum",
        "warp": "warp",
        "poem": "poem",
        "rocket_ws": "rocket",
        "salvo": "salvo",
        "tide_websockets": "tide",
        "reqwest_websocket": "reqwest-websocket",
        "tokio_websockets": "tokio-websockets",
        "gloo_net": "gloo",
        "actix_ws": "actix",
        "yawc": "yawc",
        "ezsockets": "ezsockets",
        "fastwebsockets": "fastwebsockets",
        "soketto": "soketto",
        "tungstenite": "tungstenite",
    }
)
"""The library of a crate. The sync one comes last: its messages are those of the async ones."""
