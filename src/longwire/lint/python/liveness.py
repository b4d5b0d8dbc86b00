"""Whether a module looks after the life of its connections by itself."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.python.roles import Role
from longwire.lint.python.sockets import HANDLERS
from longwire.lint.python.texts import texts, texts_of

if TYPE_CHECKING:
    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Call, Place

_BEATS: Final = re.compile(
    r"(?<![A-Za-z])(ping|PING)|Ping|(?i:heart_?beat|keep_?alive|watch_?dog|stale|inactiv"
    r"|last_(seen|message|msg|recv|received|data)(_?(time|at|ts|timestamp|s|ms))?$)"
)
_NO_BEATS: Final = re.compile(
    r"^_*on_?p[io]ng$|^_*last_ping"
    r"|(ping|beat|alive)_?[a-z_]*(interval|message|payload|period|msg)(_?(s|secs?|seconds|ms))?$",
    re.IGNORECASE,
)
"""Names with a ping in them by which nothing is noticed: callbacks, what is sent, and when."""
_NO_BEAT_SENT: Final = re.compile(r"^pong$|subscri", re.IGNORECASE)
"""A text of a message that is no heartbeat, though it names one: an answer, a topic."""
_WATCHES: Final = re.compile(
    r"watch_?dog|stale|inactiv|alive|missed|last_(seen|message|msg|recv|received|data|pong|ack|heart)"
    r"|pong_(time|received|at)|(^|_)(ack|acknowledged)$",
    re.IGNORECASE,
)
"""Names of functions and attributes that have to do with the time of the last message."""
_PING_OPTIONS: Final = {
    "websockets": "ping_interval",
    "websockets.sync": "ping_interval",
    "picows.websockets": "ping_interval",
    "aiohttp": "heartbeat",
    "tornado.client": "ping_interval",
    "longwire": "heartbeat",
    "longwire.sync": "heartbeat",
}
"""What each library calls the time between two pings."""
_OFF_BY_DEFAULT: Final = frozenset({"aiohttp", "tornado.client"})
_LIMITED: Final = frozenset({"timeout", "receive_timeout", "ws_receive"})
"""Arguments of a receive, or of a connect, that limit how long a receive waits."""
_OF_RECEIVES: Final = frozenset({"receive_timeout", "ws_receive"})
_REMEMBERED: Final = 600
"""Seconds: what passes packets on forgets connections that are silent for less than that."""
_LOCAL: Final = re.compile(r"^((ws|http)s?://)?(localhost|127\.\d|\[::1\]|0\.0\.0\.0)")


def looked_after(meanings: Meanings) -> bool:
    """Whether anything in a module would notice a connection that is silent for ever.

    Pings that it sends, limits of time around a receive, a watchdog by its name.
    """
    module = meanings.module
    names = [function.name for function in module.functions]
    names += [name for made in module.classes.values() for name in made.attributes]
    if any(_BEATS.search(name) and not _NO_BEATS.search(name) for name in names):
        return True
    return any(_looks_after(call, meanings) for call in module.calls.values())


def _looks_after(call: Call, meanings: Meanings) -> bool:
    role = meanings.known(call).role
    if Role.PING in role:
        return True
    if Role.RECEIVE in role:
        return is_limited(call, meanings)
    return Role.SEND in role and _is_heartbeat(call, meanings)


def _is_heartbeat(call: Call, meanings: Meanings) -> bool:
    """Whether a message says that it is one: ``{"op": "ping"}``."""
    said = list(texts_of(call, meanings))
    return any(_BEATS.search(text) for text in said) and not any(
        _NO_BEAT_SENT.search(text) for text in said
    )


def sends_heartbeats(meanings: Meanings) -> bool:
    """Whether a module sends something that it calls ping or heartbeat, as a message."""
    return any(
        Role.SEND in meanings.known(call).role and _is_heartbeat(call, meanings)
        for call in meanings.module.calls.values()
    )


def watches(meanings: Meanings) -> bool:
    """Whether a module keeps the time of the last message, or limits how long it waits for one."""
    module = meanings.module
    names = [function.name for function in module.functions]
    names += [name for made in module.classes.values() for name in made.attributes]
    names += [name for function in module.functions for name in function.bindings]
    return any(_WATCHES.search(name) for name in names) or any(
        Role.RECEIVE in meanings.known(call).role and is_limited(call, meanings)
        for call in module.calls.values()
    )


def ping_option(call: Call, meanings: Meanings) -> tuple[str, ast.expr | None] | None:
    """What a call that makes connections says of pings: the option, and its value if it is given.

    None, where the library has no such option, or where it may be among ``**options``.
    """
    kind = meanings.known(call).gives or served(call, meanings)
    option = None if kind is None else _PING_OPTIONS.get(kind)
    if option is None or has_spread(call):
        return None
    return option, keyword(call, option)


def served(call: Call, meanings: Meanings) -> str | None:
    """The kind of the connections that a server has, where a call starts one."""
    name = meanings.name(call.node.func, call.function)
    if name is None or not name.endswith("serve"):
        return None
    return HANDLERS[name][1] if name in HANDLERS else None


def is_unpinged(call: Call, meanings: Meanings) -> bool:
    """Whether a call makes a connection on which its library sends no pings, or hardly ever."""
    found = ping_option(call, meanings)
    if found is None:
        return False
    _, value = found
    if value is None:
        return meanings.known(call).gives in _OFF_BY_DEFAULT
    return is_off(value) or is_rare(value)


def is_rare(value: ast.expr) -> bool:
    """Whether a number of seconds is longer than what is between us and the server remembers."""
    return (
        isinstance(value, ast.Constant)
        and isinstance(value.value, int | float)
        and value.value > _REMEMBERED
    )


def pings_by_itself(meanings: Meanings) -> bool:
    """Whether a library sends pings on any connection that a module makes."""
    return any(
        ping_option(call, meanings) is not None and not is_unpinged(call, meanings)
        for call in meanings.module.calls.values()
    )


def limits_receives(call: Call, meanings: Meanings) -> bool:
    """Whether a connect limits all receives: ``timeout=ClientWSTimeout(ws_receive=30)``."""
    written: list[ast.AST] = [call.node]
    for option in call.node.keywords:
        if isinstance(option.value, ast.Name | ast.Attribute):
            written += [one.source for one in meanings.bindings(option.value, call.function)]
    return any(
        isinstance(one, ast.keyword) and one.arg in _OF_RECEIVES and not _is_none(one.value)
        for part in written
        for one in ast.walk(part)
    )


def is_limited(call: Call, meanings: Meanings) -> bool:
    """Whether a receive, or whatever it is, waits for a limited time only."""
    if any(one.arg in _LIMITED and not _is_none(one.value) for one in call.node.keywords):
        return True
    parent = call.parent
    around = meanings.module.calls.get(parent) if isinstance(parent, ast.Call) else None
    if around is not None and Role.LIMIT in meanings.known(around).role:
        return True
    return _in_limit(call.place, meanings)


def _in_limit(place: Place, meanings: Meanings) -> bool:
    for block in place.withs:
        for item in block.node.items:
            entered = meanings.module.calls.get(item.context_expr)  # type: ignore[call-overload]
            if entered is not None and Role.LIMIT in meanings.known(entered).role:
                return True
    return False


def keyword(call: Call, *names: str) -> ast.expr | None:
    """The value of a keyword argument of a call; None, if it has none of these."""
    return next((one.value for one in call.node.keywords if one.arg in names), None)


def has_spread(call: Call) -> bool:
    """Whether a call may have keyword arguments that are not seen: ``**options``."""
    return any(one.arg is None for one in call.node.keywords)


def is_off(value: ast.expr | None) -> bool:
    """Whether a value says that something is not done: None, 0, False."""
    return isinstance(value, ast.Constant) and not value.value


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def is_local(call: Call, meanings: Meanings) -> bool:
    """Whether the URL of a connect is written in the module, and names this machine."""
    return any(
        _LOCAL.match(text) is not None
        for argument in call.node.args[:1]
        for text in texts(argument, call.function, meanings)
    )
