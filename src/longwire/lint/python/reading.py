"""The text of a Python file, and its syntax tree."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from typing import Final

_READER: Final = f"Python {sys.version_info.major}.{sys.version_info.minor}"


def decode(source: bytes) -> str:
    """The text of a source, in the encoding that it says (PEP 263).

    Raises:
        SyntaxError: there is no such encoding, or the source is not in it.
    """
    encoding = _encoding(source)
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"not in {encoding}, at byte {error.start}"
        raise SyntaxError(message) from error
    except (LookupError, UnicodeError) as error:  # rot13, undefined: encodings, but not of texts
        message = f"{encoding} is no encoding for a program"
        raise SyntaxError(message) from error


def encode(text: str, like: bytes) -> bytes:
    """A text as the source that it was made of is written: in its encoding, with its mark.

    Raises:
        UnicodeEncodeError: it cannot be.
    """
    return text.encode(_encoding(like))


def _encoding(source: bytes) -> str:
    return tokenize.detect_encoding(io.BytesIO(source).readline)[0]


def parse(text: str) -> ast.Module:
    """The syntax tree of a text.

    Raises:
        SyntaxError: it is no Python that this Python can read, or too deeply nested.
    """
    try:
        return ast.parse(text)
    except SyntaxError as error:
        error.msg = f"{error.msg} (read by {_READER})"  # the program may be for a newer one
        raise
    except ValueError as error:  # null bytes, lone surrogates
        raise SyntaxError(str(error)) from error
    except (RecursionError, MemoryError) as error:
        raise SyntaxError("too deeply nested, or too large") from error
