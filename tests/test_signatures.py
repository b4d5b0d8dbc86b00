"""The public face, name by name and default by default: users' programs rely on it.

A change here is a change for users and stands in CHANGELOG.md. More may be added; nothing that is
here may go, be renamed or mean something else by default.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import longwire

REQUIRED = inspect.Parameter.empty
ONLY = inspect.Parameter.KEYWORD_ONLY

OPTIONS: dict[str, dict[str, Any]] = {
    "Retry": {
        "first": 0.1,
        "factor": 2.0,
        "cap": 30.0,
        "jitter": 1.0,
        "stable_after": 30.0,
        "attempts": None,
        "give_up_after": None,
    },
    "Heartbeat": {
        "every": 20.0,
        "within": 10.0,
        "message": None,
        "is_reply": None,
        "silence": None,
    },
    "Inbox": {"messages": 65_536, "bytes": 64 * 2**20, "when_full": "wait", "key": None},
    "Outbox": {"messages": 1_024, "bytes": 16 * 2**20, "when_down": "wait"},
    "TLS": {
        "server_name": None,
        "alpn": (),
        "certificate": None,
        "key": None,
        "password": None,
        "ca": None,
        "keylog": None,
        "context": None,
    },
    "Tcp": {
        "nodelay": True,
        "keepalive_idle": None,
        "keepalive_interval": 10,
        "keepalive_count": 3,
        "user_timeout": None,
        "local_address": None,
        "delay": 0.25,
    },
    "Deflate": {
        "server_no_context_takeover": False,
        "client_no_context_takeover": False,
        "server_max_window_bits": None,
        "client_max_window_bits": None,
        "require_client_max_window_bits": False,
        "send": True,
        "level": 6,
        "memory": 5,
        "min_bytes": 64,
    },
    "LinkOptions": {"max_message_bytes": 16 * 2**20, "close_timeout": 5.0, "stream": False},
    "connect": {
        "subscribe": None,
        "retry": longwire.Retry(),
        "heartbeat": longwire.Heartbeat(),
        "inbox": longwire.Inbox(),
        "outbox": longwire.Outbox(),
        "sequence": None,
        "isolate": True,
        "tls": None,
        "headers": None,
        "origin": None,
        "subprotocols": (),
        "compression": "deflate",
        "user_agent": f"longwire/{longwire.__version__}",
        "proxy": True,
        "unix": None,
        "sock": None,
        "tcp": longwire.Tcp(),
        "max_message_bytes": 16 * 2**20,
        "stream": False,
        "open_timeout": 10.0,
        "close_timeout": 5.0,
        "on_interruption": None,
    },
    "serve": {
        "tls": None,
        "subprotocols": (),
        "compression": "deflate",
        "options": None,
        "path": None,
        "mode": None,
        "sock": None,
        "reuse_port": False,
        "max_connections": None,
        "max_connections_per_address": None,
        "max_openings_per_address": None,
    },
}
"""What is passed by name, and its default."""

POSITIONAL: dict[str, list[tuple[str, Any]]] = {
    "connect": [("url_or_urls", REQUIRED)],
    "serve": [("handler", REQUIRED), ("host", None), ("port", 0)],
    "Sequence": [("number", REQUIRED), ("stream", None), ("refill", None)],
    "Proxy": [("url", REQUIRED)],
    "Client.recv": [("timeout", None)],
    "Client.send": [("data", REQUIRED)],
    "Client.ping": [("payload", None)],
    "Client.send_fragments": [("fragments", REQUIRED)],
    "Client.recv_stream": [],
    "Client.streams": [],
    "Client.batches": [],
    "Client.events": [],
    "Client.stats": [],
    "Client.wait_live": [("timeout", None)],
    "Client.close": [("code", 1000), ("reason", "")],
    "sync.connect": [("url_or_urls", REQUIRED)],
    "Link.recv": [("timeout", None)],
    "Link.send_fragments": [("fragments", REQUIRED)],
    "Link.recv_stream": [],
    "Link.streams": [],
    "Link.batches": [],
    "Link.send": [("data", REQUIRED)],
    "Link.ping": [("payload", None)],
    "Link.close": [("code", 1000), ("reason", "")],
    "Link.abort": [],
    "Link.wait_closed": [],
    "Server.start": [],
    "Server.close": [],
    "Server.drain": [("within", None)],
    "Server.use_tls": [("context", REQUIRED)],
}
"""What may be passed by place, in order, with its default."""

PROPERTIES = {
    "Client": {"interruptions", "state", "alerts"},
    "Link": {"closure", "request"},
    "Server": {"port"},
}

FIELDS = {
    "Stats": """
        state received delivered dropped queued sent links interruptions rtt loop_lag byte_age
        pong_age data_age""",
    "Interruption": "cause started noticed ended outcome evidence closure reasons attempts",
    "Cause": "id title blame remedy category symptom mechanism evidence",
    "Gap": "stream first last count kind",
    "Alert": "kind at text cause",
    "Closure": "end by received_code received_reason sent_code sent_reason error opened ended",
    "Request": "path headers peer subprotocol tls",
    "TLSInfo": "version cipher alpn peer_certificate peer_certificate_der",
}

ERRORS = {
    "LongwireError": Exception,
    "ConnectError": longwire.LongwireError,
    "HandshakeRejected": longwire.ConnectError,
    "TLSError": longwire.ConnectError,
    "AddressError": longwire.ConnectError,
    "ProxyError": longwire.ConnectError,
    "SocketUsed": longwire.ConnectError,
    "GaveUp": longwire.LongwireError,
    "ClientClosed": longwire.LongwireError,
    "LinkClosed": longwire.LongwireError,
    "InboxFull": longwire.LongwireError,
    "OutboxFull": longwire.LongwireError,
    "NotConnected": longwire.LongwireError,
    "MessageTooBig": longwire.LongwireError,
    "ProtocolError": longwire.LongwireError,
    "RecordingError": longwire.LongwireError,
    "SubscriptionRefused": longwire.LongwireError,
    "UnknownCause": longwire.LongwireError,
}


def parameters(path: str) -> dict[str, inspect.Parameter]:
    """Those of a public function, method or group of options, without ``self``."""
    owner, _, method = path.partition(".")
    found = getattr(longwire, owner)
    taken = inspect.signature(getattr(found, method) if method else found).parameters
    return {name: each for name, each in taken.items() if name != "self"}


@pytest.mark.parametrize("path", OPTIONS)
def test_options_and_their_defaults(path: str) -> None:
    """Each is passed by name only, and not passing it means what it has always meant."""
    found = parameters(path)
    for name, default in OPTIONS[path].items():
        assert found[name].default == default, name
        assert found[name].kind is ONLY, name


@pytest.mark.parametrize("path", POSITIONAL)
def test_what_is_passed_by_place(path: str) -> None:
    """In this order, and nothing else in between or behind."""
    found = parameters(path)
    by_place = [(name, each.default) for name, each in found.items() if each.kind is not ONLY]
    assert by_place == POSITIONAL[path]


@pytest.mark.parametrize("path", POSITIONAL)
def test_no_option_is_demanded(path: str) -> None:
    """Whatever else there may be has a default."""
    assert all(
        each.default is not REQUIRED for each in parameters(path).values() if each.kind is ONLY
    )


@pytest.mark.parametrize("owner", PROPERTIES)
def test_properties(owner: str) -> None:
    """They are read without a call."""
    found = vars(getattr(longwire, owner))
    assert all(isinstance(found[name], property) for name in PROPERTIES[owner])


@pytest.mark.parametrize("owner", FIELDS)
def test_fields(owner: str) -> None:
    """Of what is handed out: frozen records."""
    found = getattr(longwire, owner)
    assert set(FIELDS[owner].split()) <= set(found.__struct_fields__)
    assert found.__struct_config__.frozen


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    """Who catches the one above catches this."""
    assert issubclass(getattr(longwire, name), ERRORS[name])


def test_events_can_be_matched() -> None:
    """As in ``case longwire.Message(data=data)``, and by place."""
    assert longwire.Message.__match_args__ == ("data",)
    assert longwire.Interrupted.__match_args__ == ("interruption",)
    assert longwire.Recovered.__match_args__ == ("interruption",)
