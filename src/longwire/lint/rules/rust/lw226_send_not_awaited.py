"""A send that is not awaited sends nothing.

## What it does
Looks for `send`, `close` and the like of a socket, or of the half that sends, whose future is
dropped: as a statement, or by `let _ =`.

## Why reception stops
A future does nothing until it is awaited. The subscription, the answer to the server's ping, the
goodbye: none of them goes out. `let _ =` also silences the compiler's warning.

## Example
```rust
let _ = write.send(Message::Pong(data));
```

## Use instead
```rust
write.send(Message::Pong(data)).await?;
```

## Limits
A socket whose type is not seen in the file is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile

_NO_FUTURES = frozenset({"start_send", "reunite", "reset"})


def check(file: RustFile) -> Iterator[Report]:
    for call in file.calls(Role.SEND | Role.CLOSE):
        waits = file.meanings.known(call).waits and call.name not in _NO_FUTURES
        if waits and call.receiver is not None and file.is_dropped(call):
            yield file.report(
                call.node,
                f"{call.name}(..) gives a future, and nothing awaits it: nothing is sent, and no "
                "error tells so",
                help="put .await behind it, and look at what it gives",
                confidence=Confidence.HIGH,
            )


RULE = Rule(
    id="LW226",
    name="send-not-awaited",
    severity=Severity.ERROR,
    prevents=("lost-subscriptions",),
    check=check,
)
