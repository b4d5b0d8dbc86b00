"""``longwire lint --fix`` and ``--diff``: mend what can be mended, or show how."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from longwire.cli.failures import FINDING, WrongUsage
from longwire.cli.printable import printable
from longwire.cli.units import counted
from longwire.lint.fixes.files import replace as replace_file
from longwire.lint.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from longwire.lint.fixes.outcome import FixedFile
    from longwire.lint.run import Options, Outcome


def fix(paths: Sequence[str], options: Options, outcome: Outcome) -> tuple[Outcome, bool]:
    """Fix what a run has found, and look again.

    A source from standard input is written to standard output, fixed or not.

    Returns:
        What is found now, and whether every file could be written.

    Raises:
        WrongUsage: libcst is not installed.
    """
    files = _fixed(outcome)
    if options.stdin is not None:
        source = files[0].after if files else options.stdin[1]
        sys.stdout.flush()
        sys.stdout.buffer.write(source)
        options = replace(options, stdin=(options.stdin[0], source))
        written = files
    else:
        written = [one for one in files if _write(one)]
    if not written:
        return outcome, not files
    outcome = run(paths, options)
    outcome.fixed = sum(len(one.findings) for one in written)
    return outcome, written == files


def show(outcome: Outcome, out: TextIO) -> int:
    """Print what `fix` would change, as a diff. Returns 1, if there is anything.

    Raises:
        WrongUsage: libcst is not installed.
    """
    from longwire.lint.fixes.outcome import diff  # noqa: PLC0415 - imports libcst

    files = _fixed(outcome)
    # A form feed and a byte order mark do no harm, and patch looks for them.
    out.writelines(printable(diff(one), keep="\n\t\r\f\ufeff") for one in files)
    count = sum(len(one.findings) for one in files)
    text = f"{counted(count, 'finding')} could be fixed in {counted(len(files), 'file')}"
    print(f"longwire lint: {text}", file=sys.stderr)
    return FINDING if files else 0


def _fixed(outcome: Outcome) -> list[FixedFile]:
    try:
        from longwire.lint.fixes.outcome import fixed_files  # noqa: PLC0415 - imports libcst

        return list(fixed_files(outcome))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "libcst":
            raise
        raise WrongUsage("fixes need libcst: install longwire[fix]") from error


def _write(file: FixedFile) -> bool:
    try:
        replace_file(file.path, file.before, file.after)
    except OSError as error:
        text = f"longwire lint: {file.path} is not fixed: {error.strerror or error}"
        print(printable(text), file=sys.stderr)
        return False
    return True
