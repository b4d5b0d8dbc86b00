"""What types stand for, and which libraries a file is about."""

from __future__ import annotations

import pytest

from longwire.lint.rust.collect import collect
from longwire.lint.rust.syntax import read
from longwire.lint.rust.types import Types


def types(source: str) -> Types:
    return Types(collect(read(source.encode())))


def kind(written: str, uses: str = "use tokio_tungstenite::*;") -> str:
    """The kind of a parameter of a type, and those in it."""
    known = types(f"{uses} fn f(x: {written}) {{ loop {{}} }}")
    body = known._module.functions["f"]
    found = known.kind(body.parameters[0], body)
    inner = ", ".join(one.name for one in found.of)
    return f"{found.name}[{inner}]" if inner else found.name


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("WebSocketStream<S>", "tokio-tungstenite"),
        ("&mut Option<Box<WebSocketStream<S>>>", "tokio-tungstenite"),
        ("SplitSink<WebSocketStream<S>, Message>", "tokio-tungstenite.writer"),
        ("SplitStream<Elsewhere>", "tokio-tungstenite.reader"),
        ("(WebSocketStream<S>, u8)", "tuple[tokio-tungstenite, ?]"),
        ("Vec<WebSocketStream<S>>", "vec[tokio-tungstenite]"),
        ("[WebSocketStream<S>; 2]", "vec[tokio-tungstenite]"),
        ("HashMap<u8, tokio::sync::oneshot::Sender<u8>>", "map[oneshot.sender]"),
        ("Arc<tokio::sync::Mutex<WebSocketStream<S>>>", "mutex.tokio[tokio-tungstenite]"),
        ("std::sync::RwLock<u8>", "mutex.std[?]"),
        ("impl Stream<Item = Result<Message, Error>>", "tokio-tungstenite.reader"),
        ("impl Stream<Item = Message>", "?"),
        ("Box<dyn Sink<Message, Error = Error>>", "tokio-tungstenite.writer"),
        ("crossbeam_channel::Receiver<u8>", "crossbeam.receiver"),
        ("Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<u8>>>>>>>>>", "vec[vec]"),
        ("Unknown", "?"),
    ],
)
def test_kinds(written: str, expected: str) -> None:
    """References, options and smart pointers are looked through."""
    assert kind(written) == expected


@pytest.mark.parametrize(
    ("source", "libraries"),
    [
        ("use tokio_tungstenite::connect_async;", ["tokio-tungstenite"]),
        ("use axum::extract::ws::WebSocket;", ["axum"]),
        ("use axum::Router;", []),
        ("fn f() { tungstenite::connect(u); }", ["tungstenite"]),
        ("use tokio_tungstenite::tungstenite::Message;", ["tokio-tungstenite", "tungstenite"]),
        ("use hyper_tungstenite::HyperWebsocket;", ["tokio-tungstenite"]),
    ],
)
def test_libraries(source: str, libraries: list[str]) -> None:
    """The one that speaks for all comes first."""
    assert types(source).libraries == libraries
