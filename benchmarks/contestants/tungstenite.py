"""tokio-tungstenite, in Rust, in one thread; ``python -m tests.interop.toolchains`` builds it."""

from __future__ import annotations

import os
import sys

from tests.interop.toolchains import Missing, rust


def main() -> None:
    """Become the program that was built, told what the command line says."""
    given = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
    try:
        program = rust()
    except Missing as missing:
        sys.exit(str(missing))
    port = given["--port"]
    query = f"kind={given['--kind']}&size={given['--size']}"
    url = f"ws://127.0.0.1:{port}{given['--service']}?{query}"
    os.execv(program[0], [*program, "measure", url, port, given["--warmup"], given["--seconds"]])


if __name__ == "__main__":
    main()
