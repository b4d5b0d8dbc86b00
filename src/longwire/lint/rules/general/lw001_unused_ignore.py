"""A comment that ignores a finding that is not there.

## What it does
Looks for `longwire: ignore[LW101]` on lines where that rule finds nothing, and for
`longwire: ignore-file[LW101]` in files where it finds nothing.

## Why reception stops
It does not yet. But such a comment hides the next mistake that somebody makes on that line.

## Example
```python
message = await ws.recv()  # longwire: ignore[LW101]
```

## Use instead
```python
message = await ws.recv()
```

## Limits
A rule that is not selected in this run finds nothing, so comments about it are not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Report, Severity
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longwire.lint.comments import Ignore


def check(unused: Iterable[tuple[Ignore, tuple[str, ...]]]) -> Iterator[Report]:
    """Each comment comes with those of its ids that ignore nothing."""
    for comment, ids in unused:
        where = "in this file" if comment.for_file else "on this line"
        yield Report(
            comment.line,
            comment.column,
            comment.line,
            comment.end_column,
            f"{' and '.join(ids)} {'finds' if len(ids) == 1 else 'find'} nothing {where}: "
            "this comment would only hide what goes wrong here later",
            f"take {'it' if len(ids) == len(comment.ids) else ', '.join(ids)} away",
        )


RULE = Rule(
    id="LW001",
    name="unused-ignore",
    severity=Severity.WARNING,
    prevents=(),
    check=check,
)
