"""One target under atheris, in a process that ends with it.

python -m tests.fuzz.guided TARGET [options and folders of libFuzzer]
"""

from __future__ import annotations

import sys

import atheris

import longwire.link.compiled  # settles first where the hot modules come from, before atheris does
from tests.fuzz import corpus


def main() -> None:
    """Run until libFuzzer has enough."""
    name = sys.argv.pop(1)
    assert not longwire.link.compiled.COMPILED, "coverage is of Python code: set LONGWIRE_PURE=1"
    with atheris.instrument_imports(include=["longwire"]):
        check = corpus.check_of(name)
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
