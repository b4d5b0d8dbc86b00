"""A comment that is to ignore something, and does not.

## What it does
Looks for comments that begin with `longwire:` and cannot be meant: no rule has that id, or none is
named at all.

## Why reception stops
It does not. But what the comment is to ignore is told all the same, or the id is that of a rule
that somebody will add with quite another meaning.

## Example
```python
task = asyncio.create_task(reader(ws))  # longwire: ignore
```

## Use instead
```python
task = asyncio.create_task(reader(ws))  # longwire: ignore[LW121]
```

## Limits
None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Report, Severity
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longwire.lint.comments import Ignore


def check(broken: Iterable[tuple[Ignore, str]]) -> Iterator[Report]:
    """Each comment comes with what is wrong with it."""
    for comment, problem in broken:
        yield Report(
            comment.line,
            comment.column,
            comment.line,
            comment.end_column,
            problem,
            "write ignore[LW101] or ignore-file[LW101], with the ids that findings have",
        )


RULE = Rule(
    id="LW002",
    name="broken-ignore",
    severity=Severity.WARNING,
    prevents=(),
    check=check,
)
