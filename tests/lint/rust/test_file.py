"""A file as the rules see it: receives, turns of loops, places."""

from __future__ import annotations

import textwrap

import pytest

from longwire.lint.rust.file import RustFile, may_be_about_websockets
from longwire.lint.rust.roles import Role
from longwire.lint.rust.ways import End

USES = """
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};
"""


def file(source: str, uses: str = USES) -> RustFile:
    return RustFile((uses + textwrap.dedent(source)).encode())


def ends(body: str, *, error: bool = False, before: str = "") -> set[tuple[End, bool]]:
    """How a turn of the loop goes on after the end, and whether something suspends on the way."""
    found = file(
        f"async fn f() {{ let (mut ws, _) = connect_async(u).await?; let (mut write, mut read) = "
        f"ws.split(); {before} {body} }}"
    )
    (receive,) = found.receives
    loop = found.module.loop_of(receive.call.node)
    assert loop is not None
    value = receive.error if error else receive.end
    return {(way.end, way.suspends) for way in found.turns(loop, receive.call, value)}


SPINS = {(End.FALLS, False)}
BREAKS = {(End.BREAKS, False)}
RETURNS = {(End.RETURNS, False)}
PANICS = {(End.PANICS, False)}
NEXT = "read.next().await"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"loop {{ match {NEXT} {{ Some(Ok(m)) => go(m).await, _ => {{}} }} }}", SPINS),
        (f"loop {{ match {NEXT} {{ Some(m) => go(m?).await, None => break }} }}", BREAKS),
        (f"loop {{ match {NEXT} {{ Some(_) => {{}} None => return Ok(()) }} }}", RETURNS),
        (f"while let Some(m) = {NEXT} {{ }}", BREAKS),
        (f"loop {{ let m = {NEXT}.unwrap(); }}", PANICS),
        (f"loop {{ let m = {NEXT}; if m.is_none() {{ break }} }}", BREAKS),
        (f"loop {{ if let Some(Ok(m)) = {NEXT} {{ break; }} }}", SPINS),
        (f"loop {{ let Some(m) = {NEXT} else {{ panic!() }}; }}", PANICS),
        (f"loop {{ let m = {NEXT}.ok_or(Closed)?; }}", RETURNS),
        (f"loop {{ let m = {NEXT}.transpose()?; if !m.is_some() {{ return; }} }}", RETURNS),
        (f"loop {{ let m = {NEXT}; match m {{ None => bail!(1), Some(_) => {{}} }} }}", RETURNS),
        (f"'a: loop {{ for x in y {{ if {NEXT}.is_none() {{ break 'a; }} }} }}", BREAKS),
        (
            f"loop {{ match {NEXT} {{ None => sleep(d).await, Some(_) => {{}} }} }}",
            {(End.FALLS, True)},
        ),
        (f"loop {{ match {NEXT} {{ None => continue, _ => {{}} }} }}", {(End.CONTINUES, False)}),
        (
            "loop { select! { m = read.next() => match m { _ => {} }, _ = a.b() => break } }",
            SPINS,
        ),
        (
            "loop { select! { Some(m) = read.next() => {} _ = a.b() => break } }",
            {(End.FALLS, True)},
        ),
        (
            "loop { match timeout(d, read.next()).await { Ok(None) => break, _ => {} } }",
            BREAKS,
        ),
        (
            "loop { match timeout(d, read.next()).await { Ok(m) => drop(m), Err(_) => break } }",
            SPINS,
        ),
        (f"loop {{ let _ = write.send(m).await; {NEXT}; }}", SPINS),
        (f"while on {{ if {NEXT}.is_none() {{ on = false; }} }}", BREAKS),
        (f"loop {{ if dead {{ break }} if {NEXT}.is_none() {{ dead = true; }} }}", BREAKS),
        (f"loop {{ let a = async {{ b.await }}; let c = || d(); {NEXT}; }}", SPINS),
    ],
)
def test_ways_after_the_end(body: str, expected: set[tuple[End, bool]]) -> None:
    """The value is followed to where it is taken."""
    assert ends(body) == expected


def test_ways_after_an_error() -> None:
    """It is in the result that is in the option."""
    assert ends(f"while let Some(m) = {NEXT} {{ let m = m?; }}", error=True) == RETURNS
    assert ends(f"while let Some(m) = {NEXT} {{ if let Ok(m) = m {{}} }}", error=True) == SPINS
    assert ends(f"while let Some(Ok(m)) = {NEXT} {{ }}", error=True) == BREAKS


def test_what_takes_the_end_is_told() -> None:
    """The arm, or the whole `if`."""
    found = file(
        f"async fn f() {{ let (mut read, _) = connect_async(u).await?; loop {{ match {NEXT} {{ "
        "Some(x) => {}, other => {} } } }"
    )
    (receive,) = found.receives
    loop = found.module.loop_of(receive.call.node)
    assert loop is not None
    (way,) = found.turns(loop, receive.call, receive.end)
    assert way.handled is not None
    assert way.handled.need("pattern").text == "other"
    assert not way.is_explicit
    assert way.spins


def test_too_many_ways_are_not_looked_at() -> None:
    """The rule says nothing then."""
    branches = " ".join(f"if a{i}() {{ x{i} = None; }}" for i in range(9))
    assert ends(f"loop {{ {branches} {NEXT}; }}") == set()


def test_receives() -> None:
    """By their types, and by their messages where there are none."""
    found = file(
        """
        async fn f(stream: X, ids: Y) {
            while let Some(m) = stream.next().await { if let Ok(Message::Text(t)) = m {} }
            while let Some(id) = ids.next().await { println!("{id}"); }
            let (mut a, _) = connect_async(u).await?;
            let b = a.next().await;
        }
        """
    )
    assert [(one.text, one.kind.name, one.is_sure) for one in found.receives] == [
        ("stream.next()", "websocket?", False),
        ("a.next()", "tokio-tungstenite", True),
    ]
    assert [one.name for one in found.calls(Role.CONNECT)] == ["connect_async"]


def test_where_a_body_runs() -> None:
    """On a thread of the runtime, or where it may block."""
    found = file(
        """
        fn both() { probe(5) }
        fn only_async() { probe(6) }
        async fn f() {
            probe(1);
            let a = x.map(|y| probe(2));
            tokio::task::spawn_blocking(move || probe(3));
            std::thread::spawn(move || { rt.block_on(async { probe(4) }); both() });
            both();
            only_async();
        }
        """
    )
    probes = {
        one.arguments[0].text: one.body
        for one in found.module.calls.values()
        if one.name == "probe"
    }
    context = found.context
    assert {name: context.in_event_loop(body) for name, body in probes.items()} == {
        "1": True,
        "2": True,
        "3": False,
        "4": True,
        "5": False,
        "6": False,
    }
    assert [name for name, body in probes.items() if context.on_own_thread(body)] == ["4"]
    assert context.caller_in_event_loop(probes["5"]) is None
    by = context.caller_in_event_loop(probes["6"])
    assert by is not None
    assert by.name == "f"


def test_places_are_those_of_characters() -> None:
    """From 1, in macros, too."""
    found = file('async fn f() {\n    log!("größer", probe(), spawn());\n}', uses="")
    call = next(one for one in found.module.calls.values() if one.name == "probe")
    report = found.report(call.node, "x", help="y")
    assert (report.line, report.column, report.end_line, report.end_column) == (2, 20, 2, 27)


def test_what_is_looked_at() -> None:
    """A word in a comment is not enough."""
    assert may_be_about_websockets(b"use tokio_tungstenite::connect_async;")
    assert not may_be_about_websockets(b"// a WebSocket\nfn main() {}")
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
