"""The end of the connection is given back as success, and the loop around takes it for wanted.

## What it does
Looks for a function that receives until the end and then gives `Ok`, and a loop that calls it again
only after an error.

## Why reception stops
A server that is restarted says goodbye: the stream ends without an error. The loop that would
connect anew is left, for all was well.

## Example
```rust
async fn attend(url: &str) -> Result<(), Error> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        handle(message?);
    }
    Ok(())
}

while let Err(error) = attend(url).await {
    sleep(delay).await;
}
```

## Use instead
```rust
loop {
    match attend(url).await {
        Ok(()) => tracing::info!("the server has closed"),
        Err(error) => tracing::warn!(%error, "lost"),
    }
    sleep(delay).await;
}
```

## Limits
Function and loop have to be in one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.values import ERR
from longwire.lint.rust.ways import End

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.records import Body, Call


def check(file: RustFile) -> Iterator[Report]:
    seen: set[Body] = set()
    for receive in file.receives:
        function = receive.call.body
        if function in seen or function.how != "function" or not _gives_ok(file, receive):
            continue
        seen.add(function)
        for call in file.meanings.callers(function):
            loop = file.module.loop_of(call.node)
            if loop is None or file.accepts(call.body):
                continue
            fine = file.turns(loop, call, ("Ok", None))
            failed = file.turns(loop, call, ERR)
            if fine and not any(way.stays for way in fine) and any(way.stays for way in failed):
                yield _report(file, call, function)


def _gives_ok(file: RustFile, receive: Receive) -> bool:
    """Whether the end of the connection makes the function give Ok."""
    loop = file.module.loop_of(receive.call.node)
    block = receive.call.body.block
    if loop is None or block is None or not block.children:
        return False
    ways = file.turns(loop, receive.call, receive.end)
    if not ways or any(way.stays for way in ways):
        return False
    if all(way.end is End.RETURNS for way in ways):
        return all(way.value is not None and way.value[0] == "Ok" for way in ways)
    return block.children[-1].text.startswith("Ok(") and all(way.end is End.BREAKS for way in ways)


def _report(file: RustFile, call: Call, function: Body) -> Report:
    return file.report(
        call.node,
        f"{function.name!r} gives Ok when the server ends the connection, and this loop is left "
        "then: after a restart of the server nothing connects anew",
        help="connect anew after Ok, too; or give an error at the end of the stream",
        confidence=Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW224",
    name="end-returned-as-ok",
    severity=Severity.WARNING,
    prevents=("silent-end-of-iteration", "reconnect-gives-up"),
    check=check,
)
