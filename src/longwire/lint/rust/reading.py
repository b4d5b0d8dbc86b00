"""The text of a Rust file."""

from __future__ import annotations


def decode(source: bytes) -> str:
    """The text of a source, which is UTF-8, or it is no Rust.

    Raises:
        SyntaxError: it is not.
    """
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"not in utf-8, at byte {error.start}"
        raise SyntaxError(message) from error
