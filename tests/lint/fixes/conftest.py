"""What the tests of the fixes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.fixes.mend import mend
from longwire.lint.looking import looker

if TYPE_CHECKING:
    from collections.abc import Callable

    Fix = Callable[[str], str]


@pytest.fixture
def fix() -> Fix:
    """Fixes all that can be fixed in a text, and shows that doing it once more changes nothing."""
    look = looker("feed.py", frozenset(ALL_RULES))

    def fix(text: str) -> str:
        fixed = mend(text.encode(), look(text.encode()), look).source
        assert mend(fixed, look(fixed), look).source == fixed
        return fixed.decode()

    return fix
