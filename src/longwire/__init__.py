"""WebSocket connections for the long haul. Messages keep arriving, or you are told exactly why not.

>>> async with longwire.connect("wss://feed.example/ws") as client:
...     async for message in client:
...         print(message)

Everything a program needs is a name of this package. Each is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longwire import chaos, sync
    from longwire.client.client import Client
    from longwire.client.events import Interrupted, Message, Recovered
    from longwire.client.settings import connect
    from longwire.client.subscriptions import Subscription
    from longwire.core import causes
    from longwire.core.causes import Cause, Interruption, Obstacle, UnknownCause
    from longwire.core.compression import Deflate
    from longwire.core.liveness import Heartbeat
    from longwire.core.overflow import Inbox, Outbox
    from longwire.core.retry import Retry, retryable
    from longwire.core.sequence import Gap, Sequence
    from longwire.errors import (
        AddressError,
        ClientClosed,
        ConnectError,
        GaveUp,
        HandshakeRejected,
        InboxFull,
        LinkClosed,
        LongwireError,
        MessageTooBig,
        NotConnected,
        OutboxFull,
        ProtocolError,
        ProxyError,
        RecordingError,
        SocketUsed,
        SubscriptionRefused,
        TLSError,
    )
    from longwire.link.base import Closure, Data, Link, Request
    from longwire.link.compiled import COMPILED
    from longwire.link.headers import Headers
    from longwire.link.listen import serve
    from longwire.link.options import LinkOptions
    from longwire.link.proxy import Proxy
    from longwire.link.routing import OpeningRequest, Response
    from longwire.link.secured import TLSInfo
    from longwire.link.server import Server
    from longwire.link.stream import Stream
    from longwire.link.tcp import Tcp
    from longwire.link.tls import TLS
    from longwire.link.zlibs import inflater
    from longwire.observe.alerts import Alert
    from longwire.observe.stats import Stats
    from longwire.version import __version__

__all__ = [
    "COMPILED",
    "TLS",
    "AddressError",
    "Alert",
    "Cause",
    "Client",
    "ClientClosed",
    "Closure",
    "ConnectError",
    "Data",
    "Deflate",
    "Gap",
    "GaveUp",
    "HandshakeRejected",
    "Headers",
    "Heartbeat",
    "Inbox",
    "InboxFull",
    "Interrupted",
    "Interruption",
    "Link",
    "LinkClosed",
    "LinkOptions",
    "LongwireError",
    "Message",
    "MessageTooBig",
    "NotConnected",
    "Obstacle",
    "OpeningRequest",
    "Outbox",
    "OutboxFull",
    "ProtocolError",
    "Proxy",
    "ProxyError",
    "RecordingError",
    "Recovered",
    "Request",
    "Response",
    "Retry",
    "Sequence",
    "Server",
    "SocketUsed",
    "Stats",
    "Stream",
    "Subscription",
    "SubscriptionRefused",
    "TLSError",
    "TLSInfo",
    "Tcp",
    "UnknownCause",
    "__version__",
    "causes",
    "chaos",
    "connect",
    "inflater",
    "retryable",
    "serve",
    "sync",
]

_HOMES = {
    "longwire.chaos": ("chaos",),
    "longwire.client.client": ("Client",),
    "longwire.client.settings": ("connect",),
    "longwire.client.events": ("Interrupted", "Message", "Recovered"),
    "longwire.client.subscriptions": ("Subscription",),
    "longwire.core.causes": ("Cause", "Interruption", "Obstacle", "UnknownCause", "causes"),
    "longwire.core.compression": ("Deflate",),
    "longwire.core.liveness": ("Heartbeat",),
    "longwire.core.overflow": ("Inbox", "Outbox"),
    "longwire.core.retry": ("Retry", "retryable"),
    "longwire.core.sequence": ("Gap", "Sequence"),
    "longwire.errors": (
        "AddressError",
        "ClientClosed",
        "ConnectError",
        "GaveUp",
        "HandshakeRejected",
        "InboxFull",
        "LinkClosed",
        "LongwireError",
        "MessageTooBig",
        "NotConnected",
        "OutboxFull",
        "ProtocolError",
        "ProxyError",
        "RecordingError",
        "SocketUsed",
        "SubscriptionRefused",
        "TLSError",
    ),
    "longwire.link.base": ("Closure", "Data", "Link", "Request"),
    "longwire.link.compiled": ("COMPILED",),
    "longwire.link.headers": ("Headers",),
    "longwire.link.listen": ("serve",),
    "longwire.link.options": ("LinkOptions",),
    "longwire.link.proxy": ("Proxy",),
    "longwire.link.routing": ("OpeningRequest", "Response"),
    "longwire.link.tcp": ("Tcp",),
    "longwire.link.tls": ("TLS",),
    "longwire.link.secured": ("TLSInfo",),
    "longwire.link.server": ("Server",),
    "longwire.link.stream": ("Stream",),
    "longwire.link.zlibs": ("inflater",),
    "longwire.observe.alerts": ("Alert",),
    "longwire.observe.stats": ("Stats",),
    "longwire.sync": ("sync",),
    "longwire.version": ("__version__",),
}
"""Which module is home to which names. A module's own last name stands for the module itself."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name's home, once (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    module = import_module(home)
    value = module if home.endswith(f".{name}") else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
