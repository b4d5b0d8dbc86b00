"""Whether another version of a source is better: less is found there, and nothing new."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from longwire.lint.finding import Finding

    Look = Callable[[bytes], Sequence[Finding]]
    """What is found in a version of a source, of any confidence, but for what comments ignore."""


def is_better(
    before: Collection[Finding], after: Collection[Finding], gone: Collection[Finding]
) -> bool:
    """Whether some findings are gone, and nothing has come for them.

    Args:
        before: What was found.
        after: What is found now, in another version of the source.
        gone: Those of ``before`` that are not to be found any more.
    """
    left = Counter(map(_likeness, before)) - Counter(map(_likeness, gone))
    return not Counter(map(_likeness, after)) - left


def _likeness(one: Finding) -> tuple[str, str, int]:
    """What a finding is known by where lines have moved."""
    return one.rule, re.sub(r"\d+", "#", one.message), one.confidence
