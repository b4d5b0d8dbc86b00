"""The text of a Python file."""

from __future__ import annotations

import io
import tokenize


def decode(source: bytes) -> str:
    """The text of a source, in the encoding that it says (PEP 263).

    Raises:
        SyntaxError: there is no such encoding, or the source is not in it.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"not in {encoding}, at byte {error.start}"
        raise SyntaxError(message) from error
