"""What expressions mean: sockets by however many corners, channels, locks, and what calls do."""

from __future__ import annotations

import textwrap

import pytest

from longwire.lint.rust.collect import collect
from longwire.lint.rust.meanings import Meanings
from longwire.lint.rust.roles import Role
from longwire.lint.rust.syntax import read

USES = """
use futures_util::{stream::{SplitSink, SplitStream}, SinkExt, StreamExt};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};
"""


def meanings(source: str, uses: str = USES) -> Meanings:
    return Meanings(collect(read((uses + textwrap.dedent(source)).encode())))


def kind_at_send(source: str, uses: str = USES) -> str:
    """The kind of what `send` is called with."""
    known = meanings(source, uses)
    call = next(one for one in known.module.calls.values() if one.name == "send")
    return known.kind(call.arguments[0]).name


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (
            "async fn f() { let (ws, _) = connect_async(u).await?; send(ws) }",
            "tokio-tungstenite",
        ),
        (
            "async fn f() { let (w, mut r) = connect_async(u).await?.0.split(); send(&mut r) }",
            "tokio-tungstenite.reader",
        ),
        (
            """async fn f() { if let Ok((ws, _)) = timeout(d, connect_async(u)).await? {
                let (w, r) = ws.split(); send(w) } }""",
            "tokio-tungstenite.writer",
        ),
        ("fn f(r: &mut SplitStream<Link>) { send(r.by_ref()) }", "tokio-tungstenite.reader"),
        (
            "type W = WebSocketStream<TcpStream>; fn f(r: Option<Box<W>>) { send(r) }",
            "tokio-tungstenite",
        ),
        (
            "fn f<S>(mut s: S) where S: Stream<Item = Result<Message, Error>> + Unpin { send(s) }",
            "tokio-tungstenite.reader",
        ),
        ("fn f(s: impl Sink<Message>) { send(s) }", "tokio-tungstenite.writer"),
        (
            """struct A { link: Arc<Mutex<SplitSink<WebSocketStream<TcpStream>, Message>>> }
            impl A { async fn f(&self) { let guard = self.link.lock().await; send(guard) } }""",
            "guard.tokio",
        ),
        ("struct A { link: Link }\nimpl A { fn f(&self) { send(self) } }", "struct:A"),
        (
            """async fn open() -> Result<WebSocketStream<TcpStream>, E> { todo!() }
            async fn f() { let ws = match open().await { Ok(w) => w, _ => a() }; send(ws) }""",
            "tokio-tungstenite",
        ),
        (
            """fn g<S>(s: S) { send(s) }
            async fn f() { let (ws, _) = connect_async(u).await?; g(ws) }""",
            "tokio-tungstenite",
        ),
        (
            "fn f() { let (a, b) = crossbeam_channel::unbounded(); send(b) }",
            "crossbeam.receiver",
        ),
        (
            "fn f() { let (a, b) = tokio::sync::mpsc::channel(3); send(a.clone()) }",
            "tokio.sender",
        ),
        ("fn f() { let t = tokio::spawn(async {}); send(t) }", "joinhandle"),
        ("fn f(a: Vec<flume::Receiver<u8>>) { for x in &a { send(x) } }", "flume.receiver"),
        ("fn f() { let a = 1; { let a = tokio::time::interval(d); send(a) } }", "interval"),
        ("fn f() { { let a = tokio::time::interval(d); } send(a) }", "?"),
        ("fn f() { let a = a; send(a) }", "?"),
    ],
)
def test_kinds(source: str, kind: str) -> None:
    """Through names, patterns, types, structs and functions."""
    assert kind_at_send(source) == kind


@pytest.mark.parametrize(
    ("uses", "source", "kind"),
    [
        ("use axum::extract::ws::*;", "fn f(s: WebSocket) { send(s) }", "axum"),
        (
            "use axum::extract::ws::WebSocketUpgrade;",
            "fn f(u: WebSocketUpgrade) { u.on_upgrade(move |s| send(s)) }",
            "axum",
        ),
        (
            "use warp::ws::WebSocket;",
            "fn f(s: WebSocket) { let (a, b) = s.split(); send(b) }",
            "warp.reader",
        ),
        (
            "use tungstenite::connect;",
            "fn f() { let (s, _) = connect(u)?; send(s) }",
            "tungstenite",
        ),
        (
            "use fastwebsockets::*;",
            "fn f(ws: WebSocket<S>) { let ws = FragmentCollector::new(ws); send(ws) }",
            "fastwebsockets",
        ),
        (
            "use soketto::{Receiver, Sender};",
            "fn f(r: Receiver<S>) { send(r) }",
            "soketto.reader",
        ),
        (
            "use yawc::WebSocket;",
            "async fn f() { send(WebSocket::connect(u).await?) }",
            "yawc",
        ),
    ],
)
def test_sockets_of_libraries(uses: str, source: str, kind: str) -> None:
    """Each by its own names."""
    assert kind_at_send(source, uses) == kind


def test_what_calls_do() -> None:
    """By themselves, and in functions of the same file."""
    known = meanings(
        """
        use std::{thread, time::Duration};
        use tokio::time::sleep;
        struct A;
        impl A { async fn pause(&self) { self.nap().await } async fn nap(&self) { sleep(d).await } }
        async fn f(a: A) { thread::sleep(d); a.pause().await; connect_async(u).await; other() }
        """
    )
    does = {one.name: known.does(one) for one in known.module.functions["f"].calls}
    assert does == {
        "sleep": Role.BLOCK,
        "pause": Role.PAUSE,
        "connect_async": Role.CONNECT,
        "other": Role.NONE,
    }
    nap = known.module.methods["A", "nap"]
    assert [one.body.name for one in known.callers(nap)] == ["pause"]
