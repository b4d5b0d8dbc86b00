"""The parser of Rust: the only importer of tree-sitter, and only when there is Rust to read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from longwire.errors import LongwireError

if TYPE_CHECKING:
    from tree_sitter import Node as RawNode
    from tree_sitter import Parser


class ParserMissing(LongwireError):
    """Rust cannot be read here: its parser is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Rust sources need tree-sitter and tree-sitter-rust",
            hint="pip install 'longwire[lint]'",
        )


@cache
def _parser() -> Parser:
    try:
        import tree_sitter_rust  # noqa: PLC0415 - an extra, which linting Python does without
        from tree_sitter import Language, Parser  # noqa: PLC0415 - the same
    except ImportError as error:
        raise ParserMissing from error
    return Parser(Language(tree_sitter_rust.language()))


def parse(source: bytes) -> RawNode:
    """The syntax tree of a source; where that is no Rust, with nodes of the kind ``ERROR``.

    Raises:
        ParserMissing: the extra ``lint`` is not installed.
    """
    return _parser().parse(source).root_node
