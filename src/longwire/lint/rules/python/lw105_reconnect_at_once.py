"""A reconnect loop that can go round without a pause.

## What it does
Looks for a loop that connects and receives, and in which a way leads from an error back to the next
connect without any pause.

## Why reception stops
While the server is down, or refuses, the loop tries as often as the machine can: a reconnect storm.
Servers answer it with bans and quotas, and all clients that do it at once keep a restarted server
down.

## Example
```python
while True:
    try:
        async with websockets.connect(url) as ws:
            async for message in ws:
                handle(message)
    except (OSError, websockets.WebSocketException):
        continue
```

## Use instead
```python
delay = 1.0
while True:
    try:
        async with websockets.connect(url) as ws:
            delay = 1.0
            async for message in ws:
                handle(message)
    except (OSError, websockets.WebSocketException) as error:
        log.warning("disconnected: %r", error)
    await asyncio.sleep(delay * random.uniform(0.5, 1.0))
    delay = min(2 * delay, 30.0)
```

## Limits
A function of another module is taken to pause if its name says so. Where only the ordinary end of a
connection leads back at once, that is reported at low confidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.paths import Way
    from longwire.lint.python.records import Loop

_BACK: Final = (End.FALLS, End.CONTINUES)


def check(file: PythonFile) -> Iterator[Report]:
    for loop in file.reconnect_loops():
        back = [way for way in file.paths.through(loop.node.body) if _goes_back(way)]
        if not back:
            continue
        # A way that comes by a handler does not have the connect on it: it may have failed.
        failed = [way for way in back if Role.CONNECT not in way.does]
        yield file.report(
            loop.node,
            f"this loop can connect again without a pause: {_often(failed)}",
            help="await asyncio.sleep(...) on each way back, longer after each failure, with some "
            "chance in it",
            confidence=_confidence(file, loop, failed),
        )


def _goes_back(way: Way) -> bool:
    return way.end in _BACK and not way.does & (Role.PAUSE | Role.EXIT)


def _often(failed: list[Way]) -> str:
    if failed:
        return "while the server is down or refuses, it tries as often as the machine can"
    return "a server that ends connections in good order is asked again at once"


def _confidence(file: PythonFile, loop: Loop, failed: list[Way]) -> Confidence:
    if not failed:
        return Confidence.LOW
    # Something that is not known is awaited on the way: it may well be a pause.
    if all(way.awaits for way in failed):
        return Confidence.LOW
    return Confidence.HIGH if _connects_itself(file, loop) else Confidence.MEDIUM


def _connects_itself(file: PythonFile, loop: Loop) -> bool:
    return any(
        loop in call.place.loops
        for call in file.calls(Role.CONNECT)
        if call.function is loop.place.function
    )


RULE = Rule(
    id="LW105",
    name="reconnect-at-once",
    severity=Severity.WARNING,
    prevents=("reconnect-storm",),
    check=check,
)
