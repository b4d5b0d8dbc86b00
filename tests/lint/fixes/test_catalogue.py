"""Which rules have a fix."""

from __future__ import annotations

import subprocess
import sys

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.fixes.catalogue import FIXABLE, all_fixes


def test_each_belongs_to_a_rule() -> None:
    """And to the one that its file is named for."""
    fixes = all_fixes()
    assert set(fixes) == FIXABLE <= set(ALL_RULES)
    for fix in fixes.values():
        assert (
            fix.edits.__module__.rpartition(".")[2]
            == ALL_RULES[fix.rule].check.__module__.rpartition(".")[2]
        )
        assert fix.title[0].isupper()
        assert not fix.title.endswith(".")


def test_knowing_them_needs_no_libcst() -> None:
    """Nor does a run without fixes load it."""
    program = (
        "import sys, longwire.lint.fixes.catalogue, longwire.cli.lint.running\n"
        "assert not {'libcst', 'pygls', 'lsprotocol'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
