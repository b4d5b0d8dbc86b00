"""The parser of Rust is an extra."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from longwire.lint.engine import check_python, check_rust
from longwire.lint.rust import parsing

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def without_parser(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the extra were not installed."""
    monkeypatch.setitem(sys.modules, "tree_sitter_rust", None)
    parsing._parser.cache_clear()
    yield
    parsing._parser.cache_clear()


def test_a_missing_parser_is_told_with_what_to_install(without_parser: None) -> None:
    """Once there is Rust to read; Python does without."""
    with pytest.raises(parsing.ParserMissing, match=r"longwire\[lint\]"):
        check_rust("a.rs", b"use tungstenite::connect; fn f() { loop {} }")
    assert check_rust("a.rs", b"fn main() {}") == []
    assert check_python("a.py", b"import websockets\n") == []


def test_what_is_no_rust_is_parsed_as_far_as_it_goes() -> None:
    """With a node that says so."""
    root = parsing.parse(b"fn main() { let = ; }")
    assert root.type == "source_file"
    assert root.has_error
