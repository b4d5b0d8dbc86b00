"""Where a body runs."""

from __future__ import annotations

import textwrap

from longwire.lint.rust.file import RustFile

USES = """
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};
"""


def file(source: str, uses: str = USES) -> RustFile:
    return RustFile((uses + textwrap.dedent(source)).encode())


def test_where_a_body_runs() -> None:
    """On a thread of the runtime, or where it may block."""
    found = file(
        """
        fn both() { probe_send(5) }
        fn only_async() { probe_send(6) }
        async fn f() {
            probe_send(1);
            let a = x.map(|y| probe_send(2));
            tokio::task::spawn_blocking(move || probe_send(3));
            std::thread::spawn(move || { rt.block_on(async { probe_send(4) }); both() });
            both();
            only_async();
        }
        """
    )
    probes = {
        one.arguments[0].text: one.body
        for one in found.module.calls.values()
        if one.name == "probe_send"
    }
    context = found.context
    assert {name: context.in_event_loop(body) for name, body in probes.items()} == {
        "1": True,
        "2": True,
        "3": False,
        "4": True,
        "5": False,
        "6": False,
    }
    assert [name for name, body in probes.items() if context.on_own_thread(body)] == ["4"]
    assert [name for name, body in probes.items() if not context.shares_thread(body)] == ["4"]
    assert context.caller_in_event_loop(probes["5"]) is None
    by = context.caller_in_event_loop(probes["6"])
    assert by is not None
    assert by.name == "f"


def test_what_starts_a_body_as_a_task() -> None:
    """A block, or a function by however many others; none, where somebody waits for it, too."""
    found = file(
        """
        async fn read() { send() }
        async fn both() { send() }
        async fn run() { read().await }
        async fn f() {
            let a = tokio::spawn(run());
            tokio::task::spawn(async move { both().await });
            both().await;
        }
        """
    )
    spawns = found.context.spawns
    functions = found.module.functions
    assert [one.path for one in spawns(functions["read"])] == ["tokio::spawn"]
    assert spawns(functions["both"]) == []
    block = next(one for one in found.module.bodies if one.how == "block")
    (call,) = spawns(block)
    assert found.is_dropped(call)
    assert not found.is_dropped(spawns(functions["run"])[0])
