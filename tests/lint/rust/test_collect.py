"""The records of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.rust.collect import collect
from longwire.lint.rust.syntax import read

if TYPE_CHECKING:
    from longwire.lint.rust.records import Module


def module(source: str) -> Module:
    return collect(read(source.encode()))


def test_bodies() -> None:
    """Functions, methods, closures and blocks, each with what it is in."""
    found = module(
        """
        struct A { x: u8 }
        struct B(u8, Vec<u8>);
        type L = A;
        impl A { async fn m(&self, y: u8) -> u8 { spawn(async move { go(|z| z) }) } }
        fn f<S: Stream>(s: S) where S: Unpin { stream! { yield 1.await; } }
        """
    )
    assert [(one.how, one.is_async, one.name, one.owner) for one in found.bodies] == [
        ("file", False, "", ""),
        ("function", True, "m", "A"),
        ("block", True, "", "A"),
        ("closure", False, "", "A"),
        ("function", False, "f", ""),
        ("block", True, "", ""),
    ]
    method, block, closure, function = found.bodies[1:5]
    assert closure.outer is block
    assert closure.function is method
    assert [one.how for one in closure.outward()] == ["closure", "block", "function", "file"]
    assert found.methods["A", "m"] is method
    assert found.functions == {"f": function}
    assert [one.text for one in function.bounds["S"]] == [": Stream", ": Unpin"]
    assert set(found.structs) == {"A", "B"}
    assert found.structs["B"]["1"].text == "Vec<u8>"
    assert found.aliases["L"].text == "A"
    assert method.returns is not None
    assert method.block is not None


def test_calls_and_loops() -> None:
    """Each in its body, and in its loop."""
    found = module(
        """
        async fn f(rx: R) {
            for x in rx.iter() { a(x); }
            'out: loop { while let Some(y) = b::c::<T>(x) {
                d.e().await; tokio::spawn(async { g() }); } }
            while true { (h)(); }
        }
        """
    )
    calls = {one.name: one for one in found.calls.values()}
    assert set(calls) == {"iter", "a", "c", "e", "spawn", "g", ""}
    assert calls["c"].path == "b::c"
    assert calls["e"].receiver is not None
    assert [one.name for one in calls.values() if one.awaited] == ["e"]
    assert [(one.how, one.label, one.line) for one in found.loops.values()] == [
        ("for", "", 3),
        ("loop", "'out", 4),
        ("while", "", 4),
        ("loop", "", 6),
    ]
    assert found.loop_of(calls["iter"].node) is None  # asked once, in front of the loop
    assert found.loop_of(calls["a"].node) is next(iter(found.loops.values()))
    inner = found.loop_of(calls["c"].node)
    assert inner is not None
    assert inner.how == "while"
    assert found.loop_of(calls["g"].node) is None  # another task


def test_bindings() -> None:
    """By let, pattern, parameter and loop, with the way to the name."""
    found = module(
        """
        fn f(a: u8, (b, mut c): (u8, u8)) {
            let (d, Some(e)) = g() else { return };
            if let Some(Foo { h, i: j }) = k {}
            match l { Ok(m) | Other(m) => {}, None => {}, n @ Some(_) => {} }
            for (o, p) in q {}
            select! { r = s => {} }
            tokio::pin!(let t = u.send(););
            let v = |w| w;
        }
        """
    )
    paths = {
        name: one.path
        for body in found.bodies
        for name, all_ in body.bindings.items()
        for one in all_
    }
    assert paths == {
        "a": (),
        "b": (0,),
        "c": (1,),
        "d": (0,),
        "e": (1,),
        "h": ("h",),
        "j": ("i",),
        "m": (),
        "n": (),
        "o": (0,),
        "p": (1,),
        "r": (),
        "t": (),
        "v": (),
        "w": (),
    }
