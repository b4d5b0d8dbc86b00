"""Lines of a source, as Python, Rust and editors count them: form feeds do not end one."""

from __future__ import annotations

import re
from typing import Final

LINE_END: Final = re.compile(r"\r\n|\r|\n")


def lines_with_ends(text: str) -> list[str]:
    """The lines of a text, each with what ends it; the last one has nothing, and may be empty."""
    found = []
    at = 0
    for end in LINE_END.finditer(text):
        found.append(text[at : end.end()])
        at = end.end()
    return [*found, text[at:]]
