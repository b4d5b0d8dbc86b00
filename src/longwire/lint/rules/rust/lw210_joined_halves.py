"""Reader and writer of one connection are joined: the end of one does not end the other.

## What it does
Looks for `join!`, `join_all` and `try_join!` over futures or tasks that have the two halves of one
`split()`.

## Why reception stops
`join!` waits until both have ended. When the reader ends, the writer still waits for something to
send, and the program waits with it: nothing is received any more, and nothing connects anew.

## Example
```rust
let (sink, stream) = socket.split();
tokio::join!(write(sink, requests), read(stream));
```

## Use instead
```rust
let (sink, stream) = socket.split();
tokio::select! {
    end = write(sink, requests) => tell(end),
    end = read(stream) => tell(end),
}
```
The other one is dropped, and so ended. `try_join!` over functions that give an error at every end
does the same; over tasks it does not, for what a task gives is inside another `Ok`.

## Limits
Where the writer takes what it sends from a channel whose sender the reader has, the end of the
reader ends the writer; that is not reported. `try_join!` over functions is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.macros import name_of
from longwire.lint.rust.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.syntax import Node

_HOPS = 6


def check(file: RustFile) -> Iterator[Report]:
    for node, futures, is_try in _joins(file):
        parts = [list(_used(file, one)) for one in futures]
        if is_try and not any(_is_task(file, one) for one in futures):
            continue
        if any(_are_joined(file, one, other) for one in parts for other in parts if one != other):
            yield file.report(
                node,
                "this waits until reader and writer have both ended: when the connection ends, one "
                "of them still waits, nothing is received any more, and nothing comes after",
                help="tokio::select! over both, so that the first to end ends the other; with "
                "tasks, abort() the other",
                confidence=Confidence.HIGH if len(futures) == 2 else Confidence.MEDIUM,
            )


def _are_joined(file: RustFile, reading: list[Node], writing: list[Node]) -> bool:
    readers, writers = _halves(file, reading, "reader"), _halves(file, writing, "writer")
    unknown = None in readers or None in writers
    return (
        bool(readers & writers or (unknown and readers and writers))
        and not _feeds(file, reading, writing)
        and not readers & _halves(file, reading, "writer")
    )


def _joins(file: RustFile) -> Iterator[tuple[Node, list[Node], bool]]:
    """What is joined: where, the futures, and whether an error ends it."""
    for body in file.module.bodies:
        for call in body.calls:
            if Role.GATHER in file.meanings.role(call) and call.receiver is None:
                yield call.node, _listed(file, call.arguments), call.name.startswith("try_")
    for node in file.module.macros:
        if name_of(node) in ("join", "try_join"):
            yield node, node.children, name_of(node) == "try_join"


def _listed(file: RustFile, arguments: list[Node]) -> list[Node]:
    """The futures in a list, which may have a name."""
    if len(arguments) != 1:
        return arguments
    node = arguments[0]
    if node.kind == "identifier":
        bound = file.meanings.binding(node)
        node = bound.source if bound is not None and bound.source is not None else node
    listed = node.kind in ("array_expression", "macro_invocation")
    return node.children if listed else [node]


def _used(file: RustFile, node: Node, hops: int = _HOPS) -> Iterator[Node]:
    """The names in an expression, and in those that these stand for."""
    for one in node.walk():
        if one.kind == "identifier":
            yield one
            bound = file.meanings.binding(one)
            source = bound.source if bound is not None and not bound.path else None
            if source is not None and hops and not source.holds(one):
                yield from _used(file, source, hops - 1)


def _halves(file: RustFile, names: list[Node], half: str) -> set[Node | None]:
    """What was split, for each half that is used; None, where that is not seen."""
    found: set[Node | None] = set()
    for one in names:
        if file.meanings.kind(one).half == half:
            bound = file.meanings.binding(one)
            found.add(bound.source if bound is not None and bound.path else None)
    return found


def _feeds(file: RustFile, reading: list[Node], writing: list[Node]) -> bool:
    """Whether one of them has the sender of a channel, and the other has its receiver."""
    ends: list[set[tuple[Node, str]]] = []
    for names in (reading, writing):
        found = set()
        for one in names:
            half = file.meanings.kind(one).half.removeprefix("unbounded_")
            bound = file.meanings.binding(one)
            if half in ("sender", "receiver") and bound is not None and bound.source is not None:
                found.add((bound.source, half))
        ends.append(found)
    return any((source, "receiver") in ends[1] for source, half in ends[0] if half == "sender")


def _is_task(file: RustFile, node: Node) -> bool:
    return file.meanings.kind(node).name == "joinhandle"


RULE = Rule(
    id="LW210",
    name="joined-halves",
    severity=Severity.WARNING,
    prevents=("unsupervised-reader-task", "heartbeat-not-wired-to-reader"),
    check=check,
)
