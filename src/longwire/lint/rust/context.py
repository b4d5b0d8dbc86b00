"""Where a body runs: on a thread of an async runtime, or where it may block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.rust.roles import Role

if TYPE_CHECKING:
    from longwire.lint.rust.meanings import Meanings
    from longwire.lint.rust.records import Body, Call

_INLINE: Final = frozenset(
    {
        "map",
        "map_err",
        "for_each",
        "and_then",
        "or_else",
        "then",
        "filter",
        "filter_map",
        "flat_map",
        "unwrap_or_else",
        "inspect",
        "inspect_err",
        "fold",
        "any",
        "all",
        "find",
        "retain",
        "with",
    }
)
"""Methods that run their closure where they are called."""
_THREADS: Final = frozenset({"spawn_blocking", "block_in_place", "unblock"})
_HOPS: Final = 3


class Context:
    """Where the bodies of a module run."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings

    def in_event_loop(self, body: Body) -> bool:
        """Whether it surely runs on a thread of an async runtime."""
        if body.how == "closure" and not body.is_async:
            return self._closure_in_event_loop(body)
        return body.is_async

    def _given_to(self, body: Body) -> Call | None:
        """The call that a closure or a block is an argument of."""
        arguments = body.node.parent
        if arguments is None or arguments.parent is None:
            return None
        return self._meanings.module.calls.get(arguments.parent)

    def _closure_in_event_loop(self, body: Body) -> bool:
        call = self._given_to(body)
        if call is None or body.outer is None or call.name not in _INLINE:
            return False
        return self.in_event_loop(body.outer)

    def caller_in_event_loop(self, body: Body, hops: int = _HOPS) -> Body | None:
        """The async body that calls a plain function of this file; None, if there is none.

        Also None where the function is called by a thread, too: it is made for both.
        """
        if body.how != "function" or body.is_async or hops == 0:
            return None
        found = None
        for call in self._meanings.callers(body):
            if self.in_event_loop(call.body):
                found = found or call.body
            elif call.body.how == "closure":
                return None
            elif call.body is not body:
                found = found or self.caller_in_event_loop(call.body, hops - 1)
        return found

    def spawns(self, body: Body, hops: int = _HOPS) -> list[Call]:
        """The calls that start a body as a task; empty, where somebody else waits for it, too."""
        if body.how != "function":
            call = self._given_to(body)
            is_spawn = call is not None and Role.SPAWN in self._meanings.role(call)
            return [call] if call is not None and is_spawn else []
        found = []
        for one in self._meanings.callers(body) if hops else ():
            arguments = one.node.parent
            outer = arguments.parent if arguments is not None else None
            call = self._meanings.module.calls.get(outer) if outer is not None else None
            if call is not None and Role.SPAWN in self._meanings.role(call):
                found.append(call)
            else:
                started = self.spawns(one.body, hops - 1) if one.body is not body else []
                if not started:
                    return []
                found += started
        return found

    def shares_thread(self, body: Body) -> bool:
        """Whether other tasks run on its thread, as far as one can see.

        `main` has a thread to itself, where the runtime has several; so has what a thread that was
        started for it runs by ``block_on``.
        """
        return body.name != "main" and not self.on_own_thread(body)

    def on_own_thread(self, body: Body) -> bool:
        """Whether an async body is run by ``block_on`` inside a thread that was started for it."""
        is_run = False
        for one in body.outward():
            call = self._given_to(one)
            if call is None:
                continue
            role = self._meanings.role(call)
            if is_run and (Role.THREAD in role or call.name in _THREADS):
                return True
            is_run = is_run or call.name == "block_on"
            if Role.SPAWN in role:
                return False
        return False
