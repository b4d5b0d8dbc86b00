"""tokio-tungstenite, in Rust: see ``tungstenite/``.

``python -m tests.interop.toolchains tungstenite`` builds it.
"""

from __future__ import annotations

import os
import sys

from tests.interop.toolchains import Missing, tungstenite


def main() -> None:
    """Become the program that was built."""
    try:
        program = tungstenite()
    except Missing as missing:
        sys.exit(str(missing))
    os.execv(program[0], [*program, *sys.argv[1:]])  # noqa: S606 - a program of our own


if __name__ == "__main__":
    main()
