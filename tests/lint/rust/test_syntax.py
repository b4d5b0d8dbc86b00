"""The syntax tree: what is left out, and where things are."""

from __future__ import annotations

from longwire.lint.rust.syntax import Node, read


def find(root: Node, kind: str) -> list[Node]:
    return [one for one in root.walk() if one.kind == kind]


def test_nodes_know_where_they_are() -> None:
    """To the byte, and what is around them."""
    source = "fn größe() { let x = link.next().await; }".encode()
    (call,) = find(read(source), "call_expression")
    assert source[call.start : call.end] == b"link.next()"
    assert call.text == "link.next()"
    assert [one.kind for one in call.outward()][:2] == ["await_expression", "let_declaration"]
    assert call.need("function").need("field").text == "next"
    assert call.field("no such") is None


def test_comments_and_attributes_are_no_nodes() -> None:
    """Nor are semicolons that stand alone."""
    root = read(b"// a\n#![allow(x)]\nfn f() { /* b */ ; 1 }")
    assert [one.kind for one in root.children] == ["function_item"]
    assert [one.kind for one in root.children[0].need("body").children] == ["integer_literal"]


def test_tests_are_left_out() -> None:
    """What is for everything but tests is kept."""
    root = read(
        b"#[cfg(test)] mod tests { fn a() {} }\n#[tokio::test]\n// why\nasync fn b() {}\n"
        b"#[cfg(not(test))] fn c() {}\n#[test_case(1)] fn d() {}\n#[inline] fn e() {}"
    )
    assert [one.need("name").text for one in root.children] == ["c", "d", "e"]


def test_the_wildcard_is_a_pattern() -> None:
    """It is a word without a name for tree-sitter."""
    root = read(b"fn f() { match x { Some(_) => 1, _ => 2 } }")
    patterns = find(root, "match_pattern")
    assert [one.children[0].kind for one in patterns] == ["tuple_struct_pattern", "_"]
    assert patterns[0].children[0].children[1].kind == "_"


def test_the_operator_of_an_expression() -> None:
    """As it is written."""
    (binary,) = find(read(b"fn f() { a && b }"), "binary_expression")
    assert binary.operator == "&&"
    assert binary.children[0].operator == ""
