"""A file that cannot be checked.

## What it does
Tells a file that cannot be read, or that is not what its name says: no permission, gone meanwhile,
in another encoding than it says, a syntax error, nested too deeply for the parser, or in a language
whose parser is not installed.

## Why reception stops
Perhaps it does not: nobody knows. What is in such a file has not been checked, and a run that
passed it over in silence would look like a good one.

## Example
```python
async def reader(ws)
    async for message in ws:
        handle(message)
```

## Use instead
```python
async def reader(ws):
    async for message in ws:
        handle(message)
```

## Limits
Python is read as the Python that runs longwire reads it: run it with the version that the program
is written for. A file in which no WebSocket is mentioned is not parsed, so its errors are not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.errors import LongwireError
from longwire.lint.finding import Report, Severity
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(
    error: OSError | SyntaxError | RecursionError | MemoryError | LongwireError,
) -> Iterator[Report]:
    line, column, reason = 1, 1, "too deeply nested, or too large"
    instead = (
        "mend it or exclude it, so that a good run means that all is well; or run longwire with "
        "the Python that it is written for"
    )
    if isinstance(error, SyntaxError):
        line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
        reason = error.msg or "a syntax error"
    elif isinstance(error, LongwireError):
        reason, instead = error.what, error.hint or instead
    elif isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
    yield Report(
        line,
        column,
        line,
        column,
        f"this cannot be read, so nothing in it is checked: {reason}",
        instead,
    )


RULE = Rule(
    id="LW000",
    name="unreadable",
    severity=Severity.ERROR,
    prevents=(),
    check=check,
)
