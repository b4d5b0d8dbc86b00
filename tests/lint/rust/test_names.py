"""Full names of what is imported."""

from __future__ import annotations

import pytest

from longwire.lint.rust.names import Imports, canonical, last
from longwire.lint.rust.syntax import read


def imports(source: str) -> Imports:
    found = Imports()
    for one in read(source.encode()).children:
        found.add(one)
    return found


@pytest.mark.parametrize(
    ("source", "path", "full"),
    [
        ("use tokio::time::sleep;", "sleep", "tokio::time::sleep"),
        ("use tokio::{self, time::{sleep as nap}};", "nap", "tokio::time::sleep"),
        ("use std::sync::mpsc::{self, Receiver};", "mpsc::channel", "std::sync::mpsc::channel"),
        ("use std::thread;", "thread::sleep", "std::thread::sleep"),
        ("use tokio_tungstenite::tungstenite;", "tungstenite::Message", "tungstenite::Message"),
        (
            "use tokio_tungstenite::tungstenite::protocol::Message as M;",
            "M::Text",
            "tungstenite::Message::Text",
        ),
        ("use futures_util as fu;", "fu::future::join_all", "futures::future::join_all"),
        ("use a::b; use b::c;", "c::d", "a::b::c::d"),
        ("use x as x;", "x::y", "x::y"),
        ("", "::std::thread::sleep", "std::thread::sleep"),
    ],
)
def test_full_names(source: str, path: str, full: str) -> None:
    """Through lists, other names, and modules that are names for other modules."""
    assert imports(source).full(path) == full


def test_what_a_wildcard_may_bring() -> None:
    """Every one is tried."""
    found = imports("use axum::extract::ws::*; use futures_util::{stream::*, SinkExt as _};")
    assert found.candidates("WebSocket") == [
        "WebSocket",
        "axum::extract::ws::WebSocket",
        "futures::stream::WebSocket",
    ]
    assert "_" not in found.names


def test_one_way_to_write_a_name() -> None:
    """The last part stays."""
    assert canonical("hyper_tungstenite::tungstenite::protocol::Message") == "tungstenite::Message"
    assert last("a::b::c") == "c"
    assert last("c") == "c"
