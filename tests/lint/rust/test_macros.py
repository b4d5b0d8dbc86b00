"""What is in a macro is parsed, and is where it is in the file."""

from __future__ import annotations

import pytest

from longwire.lint.rust.syntax import Node, read


def only(source: str, kind: str) -> Node:
    (found,) = [one for one in read(source.encode()).walk() if one.kind == kind]
    return found


def test_the_arms_of_select() -> None:
    """With their guards, and what comes when none is left."""
    select = only(
        """async fn f() {
            tokio::select! {
                biased;
                Some(x) = rd.next(), if !done == true => { a(x)?; }
                r = async { 1 } => b(r, 2),
                _ = timeout(d, c.next()) => match r { Ok(x) => x, _ => break },
                else => break,
            }
        }""",
        "select_expression",
    )
    arms = select.children
    assert [one.kind for one in arms] == ["select_arm"] * 3 + ["select_else"]
    assert [arms[0].need(name).text for name in ("pattern", "value", "condition", "body")] == [
        "Some(x)",
        "rd.next()",
        "!done == true",
        "{ a(x)?; }",
    ]
    assert arms[1].need("value").kind == "async_block"
    assert arms[1].field("condition") is None
    assert arms[1].need("body").text == "b(r, 2)"
    assert arms[2].need("body").kind == "match_expression"
    assert arms[3].need("body").kind == "break_expression"
    assert all(one.parent is select for one in arms)


@pytest.mark.parametrize(
    "source",
    [
        'println!("{:?}", link.next().await)',
        "vec![link.next().await]",
        "assert_eq!(a, link.next().await)",
        "try_stream! { let x = link.next().await; yield x; }",
        "tokio::pin!(let s = link.next().await;)",
        'info!(x = 1, "{}", outer!(link.next().await))',
        "select! { x = a => { select! { y = link.next().await => z } } x = c => b }",
    ],
)
def test_receives_inside_macros_are_found(source: str) -> None:
    """In whatever they are, and where they are."""
    text = f"fn g() {{}} async fn f() {{ {source}; }}".encode()
    awaits = [one for one in read(text).walk() if one.kind == "await_expression"]
    assert awaits
    for one in awaits:
        assert text[one.start : one.end] == b"link.next().await"


@pytest.mark.parametrize(
    "source",
    [
        'json!({"await": [1, 2]})',
        "crossbeam_channel::select! { recv(a) -> x => send(x), default => {} }",
        "select! {}",
        "select! { ) }",
        "select! { x = y }",
        "join!(",
        "macro_rules! m { ($x:expr) => { $x.await }; }",
    ],
)
def test_what_is_no_code_hurts_nobody(source: str) -> None:
    """Nor does what is broken."""
    root = read(f"fn f() {{ {source} }}".encode())
    assert not [one for one in root.walk() if one.kind in ("select_arm", "await_expression")]
