"""What happens in a turn of a loop once a connection has ended, or failed."""

from __future__ import annotations

import textwrap

import pytest

from longwire.lint.rust.file import RustFile
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
    assert way.starves


def test_too_many_ways_are_not_looked_at() -> None:
    """The rule says nothing then."""
    branches = " ".join(f"if a{i}() {{ x{i} = None; }}" for i in range(9))
    assert ends(f"loop {{ {branches} {NEXT}; }}") == set()
