"""Which calls receive from a WebSocket."""

from __future__ import annotations

import textwrap

from longwire.lint.rust.file import RustFile
from longwire.lint.rust.roles import Role

USES = """
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};
"""


def file(source: str, uses: str = USES) -> RustFile:
    return RustFile((uses + textwrap.dedent(source)).encode())


def test_receives() -> None:
    """By their types, and by their messages where there are none."""
    found = file(
        """
        async fn f(stream: X, ids: Y) {
            while let Some(m) = stream.next().await { if let Ok(Message::Text(t)) = m {} }
            while let Some(id) = ids.next().await { println!("{id}"); }
            let m = self.inner.socket().next().await;
            match m { Some(Ok(Message::Text(t))) => {}, _ => {} }
            let (mut a, _) = connect_async(u).await?;
            let b = a.next().await;
        }
        """
    )
    assert [(one.text, one.kind.name, one.is_sure) for one in found.receives] == [
        ("stream.next()", "websocket?", False),
        ("self.inner.socket().next()", "websocket?", False),
        ("a.next()", "tokio-tungstenite", True),
    ]
    assert [one.name for one in found.calls(Role.CONNECT)] == ["connect_async"]
