"""The comments of a Rust file, and what they ignore."""

from __future__ import annotations

from longwire.lint.check import Task, check
from longwire.lint.rust.comments import comments


def test_comments_with_their_places() -> None:
    """In macros, too; a string is none."""
    text = (
        'let a = "größe // no"; // one\nselect! { /* two\n */ x = y => z, // three\n}\n'
        "/// four\nfn f() {}\n"
    )
    assert [(one.line, one.column, one.text) for one in comments(text)] == [
        (1, 24, "// one"),
        (2, 11, "/* two\n */"),
        (3, 17, "// three"),
        (5, 1, "/// four"),
    ]


def test_what_a_comment_ignores() -> None:
    """It is said with the findings."""
    source = b"""
use tokio_tungstenite::connect_async;
async fn f() {
    std::thread::sleep(d); // longwire: ignore[LW209]
}
"""
    checked = check(Task("Rust", source, "a.rs"))
    assert [one.rule for one in checked.findings] == ["LW209"]
    assert [(one.lines, one.ids) for one in checked.comments] == [((4,), ("LW209",))]
    assert not checked.defects


def test_what_is_no_utf_8_is_told() -> None:
    """It is no Rust, and nothing in it is looked at."""
    source = b"use tungstenite::connect; // longwire: \xff\nasync fn f() {}"
    (finding,) = check(Task("Rust", source, "a.rs")).findings
    assert finding.rule == "LW000"
