"""Which rules are wanted."""

from __future__ import annotations

import pytest

from longwire.lint.selection import check_prefixes, is_selected


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        (["LW"], [], True),
        (["LW1"], [], True),
        (["LW2"], [], False),
        (["LW"], ["LW1"], False),
        (["LW101"], ["LW1"], True),
        (["LW1"], ["LW101"], False),
        (["LW101"], ["LW101"], False),
        ([], [], False),
    ],
)
def test_the_longest_prefix_decides(select: list[str], ignore: list[str], *, wanted: bool) -> None:
    """Ignoring has the last word where both are as long."""
    assert is_selected("LW101", select, ignore) is wanted


def test_an_unreadable_file_is_told_whatever_is_selected() -> None:
    """Unless that is ignored by name."""
    assert is_selected("LW000", ["LW101"], [])
    assert not is_selected("LW000", ["LW101"], ["LW000"])


def test_a_prefix_must_mean_something() -> None:
    """Otherwise it is told, with what may be meant."""
    check_prefixes(["LW", "LW1", "LW111"], ["LW101", "LW111"])
    with pytest.raises(ValueError, match=r"begins with 'lw101'; did you mean LW101"):
        check_prefixes(["lw101"], ["LW101", "LW111"])
    with pytest.raises(ValueError, match=r"no rule's id begins with ''"):
        check_prefixes([""], ["LW101"])
