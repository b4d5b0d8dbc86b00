"""What is known of WebSocket libraries: how each connects, receives, sends, and tells the end.

A kind is the name of what a value is, such as ``"websockets"``: a connection of that library. Names
of functions and classes are canonical, as `names.canonical` writes them.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.lint.python.roles import Known, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ASYNC_CONNECTIONS: Final = frozenset(
    {
        "websockets",
        "picows.websockets",
        "aiohttp",
        "starlette",
        "tornado.client",
        "longwire",
        "trio_websocket",
        "httpx_ws",
        "sanic",
        "quart",
        "websocket?",
    }
)
"""Connections whose methods are coroutines. ``"websocket?"``: one by its name only."""
SYNC_CONNECTIONS: Final = frozenset(
    {"websockets.sync", "websocket-client", "longwire.sync", "simple_websocket"}
)
CONNECTIONS: Final = ASYNC_CONNECTIONS | SYNC_CONNECTIONS


def _methods(
    *,
    receive: Iterable[str] = (),
    send: Iterable[str] = (),
    ping: Iterable[str] = (),
    pong: Iterable[str] = (),
    close: Iterable[str] = (),
    others: Mapping[str, Known] = MappingProxyType({}),
    waits: bool = True,
) -> Mapping[str, Known]:
    roles = {
        Role.RECEIVE: receive,
        Role.SEND: send,
        Role.PING: ping,
        Role.PONG: pong,
        Role.CLOSE: close,
    }
    known = {name: Known(role, waits=waits) for role, names in roles.items() for name in names}
    return MappingProxyType(known | dict(others))


def _like_websockets(*, waits: bool = True) -> Mapping[str, Known]:
    return _methods(
        receive=("recv", "recv_streaming"),
        send=("send",),
        ping=("ping",),
        pong=("pong",),
        close=("close",),
        others={"wait_closed": Known(Role.PAUSE, waits=True)} if waits else {},
        waits=waits,
    )


_STARLETTE: Final = _methods(
    receive=("receive", "receive_text", "receive_bytes", "receive_json"),
    send=("send", "send_text", "send_bytes", "send_json"),
    close=("close",),
)

METHODS: Final[Mapping[str, Mapping[str, Known]]] = MappingProxyType(
    {
        "websockets": _like_websockets(),
        "picows.websockets": _like_websockets(),
        "websockets.sync": _like_websockets(waits=False),
        "aiohttp": _methods(
            receive=("receive", "receive_str", "receive_bytes", "receive_json"),
            send=("send_str", "send_bytes", "send_json", "send_frame"),
            ping=("ping",),
            pong=("pong",),
            close=("close",),
            others={"prepare": Known(waits=True)},
        ),
        "aiohttp.session": MappingProxyType(
            {"ws_connect": Known(Role.CONNECT, "aiohttp", waits=True)}
            | {
                verb: Known(Role.NONE, waits=True)
                for verb in ("get", "post", "put", "delete", "patch", "head", "request")
            }
        ),
        "starlette": _STARLETTE,
        "quart": _methods(
            receive=("receive", "receive_json"), send=("send", "send_json"), close=("close",)
        ),
        "sanic": _methods(receive=("recv", "recv_streaming"), send=("send",), close=("close",)),
        "tornado.client": _methods(
            receive=("read_message",),
            send=("write_message",),
            ping=("ping",),
            close=("close",),
            waits=False,  # what it gives may be awaited, but is under way
        ),
        "tornado.handler": _methods(
            send=("write_message",), ping=("ping",), close=("close",), waits=False
        ),
        "autobahn": _methods(
            send=("sendMessage",),
            ping=("sendPing",),
            pong=("sendPong",),
            close=("sendClose", "dropConnection"),
            waits=False,
        ),
        "picows": _methods(
            send=("send", "send_reuse_external_buffer"),
            ping=("send_ping",),
            pong=("send_pong",),
            close=("send_close", "disconnect"),
            waits=False,
            others={"wait_disconnected": Known(Role.PAUSE, waits=True)},
        ),
        "websocket-client": _methods(
            receive=("recv", "recv_data", "recv_data_frame", "recv_frame"),
            send=("send", "send_text", "send_bytes", "send_binary", "send_frame"),
            ping=("ping",),
            pong=("pong",),
            close=("close", "shutdown"),
            waits=False,
            others={"connect": Known(Role.CONNECT | Role.BLOCK)},
        ),
        "websocket-client.app": _methods(
            send=("send", "send_text", "send_bytes"),
            close=("close",),
            waits=False,
            others={"run_forever": Known(Role.CONNECT | Role.RECEIVE | Role.BLOCK)},
        ),
        "trio_websocket": _methods(
            receive=("get_message",),
            send=("send_message",),
            ping=("ping",),
            pong=("pong",),
            close=("aclose",),
        ),
        "httpx_ws": _methods(
            receive=("receive", "receive_text", "receive_bytes", "receive_json"),
            send=("send", "send_text", "send_bytes", "send_json"),
            ping=("ping",),
            close=("close",),
        ),
        "simple_websocket": _methods(
            receive=("receive",), send=("send",), close=("close",), waits=False
        ),
        "longwire": _methods(
            receive=("recv",),
            send=("send",),
            ping=("ping",),
            close=("close",),
            others={"wait_live": Known(Role.PAUSE, waits=True)},
        ),
        "longwire.sync": _methods(
            receive=("recv",), send=("send",), ping=("ping",), close=("close",), waits=False
        ),
        # A value that is called websocket, in a module that deals with them: by its methods' names.
        "websocket?": _methods(
            receive=(
                "recv",
                "receive",
                "receive_text",
                "receive_bytes",
                "receive_json",
                "receive_str",
                "read_message",
                "get_message",
            ),
            send=(
                "send",
                "send_text",
                "send_bytes",
                "send_json",
                "send_str",
                "send_message",
                "write_message",
            ),
            ping=("ping",),
            pong=("pong",),
            close=("close",),
        ),
    }
)
"""What the methods of each kind do."""

_CONNECT: Final = Role.CONNECT
FUNCTIONS: Final[Mapping[str, Known]] = MappingProxyType(
    {
        "websockets.connect": Known(_CONNECT, "websockets", waits=True),
        "websockets.unix_connect": Known(_CONNECT, "websockets", waits=True),
        "websockets.broadcast": Known(Role.SEND),
        "websockets.sync.connect": Known(_CONNECT | Role.BLOCK, "websockets.sync"),
        "websockets.sync.unix_connect": Known(_CONNECT | Role.BLOCK, "websockets.sync"),
        "picows.websockets.connect": Known(_CONNECT, "picows.websockets", waits=True),
        "picows.ws_connect": Known(_CONNECT, waits=True),
        "aiohttp.ClientSession": Known(gives="aiohttp.session"),
        "aiohttp.WebSocketResponse": Known(gives="aiohttp"),
        "tornado.websocket.websocket_connect": Known(_CONNECT, "tornado.client"),
        "websocket.create_connection": Known(_CONNECT | Role.BLOCK, "websocket-client"),
        "websocket.WebSocket": Known(gives="websocket-client"),
        "websocket.WebSocketApp": Known(gives="websocket-client.app"),
        "longwire.connect": Known(_CONNECT, "longwire"),
        "longwire.sync.connect": Known(_CONNECT | Role.BLOCK, "longwire.sync"),
        "trio_websocket.open_websocket_url": Known(_CONNECT, "trio_websocket", waits=True),
        "trio_websocket.open_websocket": Known(_CONNECT, "trio_websocket", waits=True),
        "trio_websocket.connect_websocket_url": Known(_CONNECT, "trio_websocket", waits=True),
        "httpx_ws.aconnect_ws": Known(_CONNECT, "httpx_ws", waits=True),
        "simple_websocket.Client.connect": Known(_CONNECT | Role.BLOCK, "simple_websocket"),
        "simple_websocket.Server": Known(gives="simple_websocket"),
    }
)
"""What the functions and classes of the libraries do when they are called."""

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "websockets.ClientConnection": "websockets",
        "websockets.ServerConnection": "websockets",
        "websockets.Connection": "websockets",
        "websockets.WebSocketClientProtocol": "websockets",
        "websockets.WebSocketServerProtocol": "websockets",
        "websockets.WebSocketCommonProtocol": "websockets",
        "websockets.sync.ClientConnection": "websockets.sync",
        "websockets.sync.ServerConnection": "websockets.sync",
        "websockets.sync.Connection": "websockets.sync",
        "picows.websockets.ClientConnection": "picows.websockets",
        "picows.websockets.ServerConnection": "picows.websockets",
        "picows.WSTransport": "picows",
        "aiohttp.ClientSession": "aiohttp.session",
        "aiohttp.ClientWebSocketResponse": "aiohttp",
        "aiohttp.WebSocketResponse": "aiohttp",
        "starlette.WebSocket": "starlette",
        "tornado.websocket.WebSocketClientConnection": "tornado.client",
        "tornado.websocket.WebSocketHandler": "tornado.handler",
        "websocket.WebSocket": "websocket-client",
        "websocket.WebSocketApp": "websocket-client.app",
        "longwire.Client": "longwire",
        "longwire.Link": "longwire",
        "longwire.sync.Client": "longwire.sync",
        "trio_websocket.WebSocketConnection": "trio_websocket",
        "httpx_ws.AsyncWebSocketSession": "httpx_ws",
        "sanic.Websocket": "sanic",
        "simple_websocket.Client": "simple_websocket",
        "simple_websocket.Server": "simple_websocket",
        "autobahn.WebSocketClientProtocol": "autobahn",
        "autobahn.WebSocketServerProtocol": "autobahn",
    }
)
"""The kinds of classes: as annotations, and as bases of a class, whose objects are then of it."""

HANDLERS: Final[Mapping[str, tuple[tuple[int | str, ...], str]]] = MappingProxyType(
    {
        "websockets.serve": ((0, "handler", "ws_handler"), "websockets"),
        "websockets.unix_serve": ((0, "handler", "ws_handler"), "websockets"),
        "websockets.sync.serve": ((0, "handler"), "websockets.sync"),
        "picows.websockets.serve": ((0, "handler"), "picows.websockets"),
        "longwire.serve": ((0, "handler"), "longwire"),
        "websocket.WebSocketApp": (
            (
                "on_open",
                "on_message",
                "on_error",
                "on_close",
                "on_ping",
                "on_pong",
                "on_data",
                "on_cont_message",
                "on_reconnect",
            ),
            "websocket-client.app",
        ),
    }
)
"""Functions that are given functions, by place or name, whose first parameter is of a kind."""

CALLED_ON_LOOP: Final = frozenset(
    {
        "tornado.websocket.WebSocketHandler",
        "autobahn.WebSocketClientProtocol",
        "autobahn.WebSocketServerProtocol",
        "picows.WSListener",
        "asyncio.Protocol",
        "asyncio.BufferedProtocol",
    }
)
"""Classes whose plain methods ``on_message``, ``onMessage`` and so on run on an event loop."""

LIBRARIES: Final = frozenset(
    {
        "websockets",
        "websocket",
        "aiohttp",
        "starlette",
        "fastapi",
        "tornado",
        "autobahn",
        "picows",
        "longwire",
        "trio_websocket",
        "httpx_ws",
        "sanic",
        "quart",
        "simple_websocket",
        "channels",
        "socketio",
        "jetsocket",
        "wsproto",
    }
)
"""Packages by which a module is known to deal with WebSockets, if its text says so, too."""
