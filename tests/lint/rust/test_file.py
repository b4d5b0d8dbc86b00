"""A file as the rules see it: receives, turns of loops, places."""

from __future__ import annotations

import textwrap

import pytest

from longwire.lint.rust.file import RustFile, may_be_about_websockets

USES = """
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};
"""


def file(source: str, uses: str = USES) -> RustFile:
    return RustFile((uses + textwrap.dedent(source)).encode())


def test_places_are_those_of_characters() -> None:
    """From 1, in macros, too."""
    found = file('async fn f() {\n    log!("größer", probe_send(), spawn());\n}', uses="")
    call = next(one for one in found.module.calls.values() if one.name == "probe_send")
    report = found.report(call.node, "x", help="y")
    assert (report.line, report.column, report.end_line, report.end_column) == (2, 20, 2, 32)


def test_what_is_looked_at() -> None:
    """A word in a comment is not enough."""
    assert may_be_about_websockets(b"use axum::extract::ws::*; fn f() { loop {} }")
    assert not may_be_about_websockets(b"// a WebSocket\nfn main() { aws::get().await }")
    assert not may_be_about_websockets(
        b"use tungstenite::Message; struct Only { declares: Message }"
    )
    assert not RustFile(b"// tungstenite\nfn main() {}").about_websockets
    assert file("").about_websockets


@pytest.mark.parametrize(
    "source",
    [b"", b"\xff\xfe", b"fn f( {", b"use {{{", b"impl { fn }", b"fn f() { match { Some( => }"],
)
def test_what_is_broken_is_read_as_far_as_it_goes(source: bytes) -> None:
    """No error comes out of it."""
    found = RustFile(
        USES.encode() + source + b"\nasync fn g(ws: SplitStream<S>) { ws.next().await; }"
    )
    assert len(found.receives) <= 1
