"""``await`` before a send, a close, a ping or a put of a known library that nobody awaits.

Left to a person: a function that is no coroutine; one of the program's own, and whatever receives,
as it may be meant for a task, and awaiting it could take for ever; and what is taken for a
connection by its name only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence
from longwire.lint.fixes.awaiting import may_await
from longwire.lint.fixes.fix import Edit, Fix
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code

_SHORT: Final = Role.SEND | Role.CLOSE | Role.PING | Role.PONG | Role.PUT
"""What is over soon."""


def edits(code: Code, finding: Finding) -> Sequence[Edit] | None:
    """What to change for a finding; None, if it is not safe."""
    record = may_await(code, finding)
    if record is None or finding.confidence is not Confidence.HIGH:
        return None
    known = code.file.meanings.known(record)
    name = code.file.meanings.name(record.node.func, record.function)
    if not known.waits or not (known.role & _SHORT or name == "asyncio.sleep"):
        return None
    call = code.call_at(finding)
    return None if call is None else (Edit(code.start(call), code.start(call), "await "),)


FIX = Fix("LW154", "Await it", edits)
