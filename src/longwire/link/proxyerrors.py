"""What goes wrong between us and a proxy, as an error of ours; a part of the seam in `errormap`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.errors import ConnectError, LongwireError, ProxyError, TLSError
from longwire.link.connect_request import origin_hint
from longwire.link.errormap import map_error

if TYPE_CHECKING:
    from longwire.errors import Blame, ProxyProblem
    from longwire.link.proxy import Proxy


class _Meaning(NamedTuple):
    problem: ProxyProblem
    what: str
    blame: Blame
    retryable: bool = True
    hint: str = ""


_NO_CREDENTIALS: Final = _Meaning(
    "credentials",
    "does not accept user and password, or wants some",
    "local",
    retryable=False,
    hint="put user and password into the proxy's URL, or correct them",
)
_STRANGE: Final = _Meaning(
    "protocol",
    "does not answer as a SOCKS proxy does",
    "unknown",
    retryable=False,
    hint="check the proxy's scheme and port",
)


def _denied(what: str) -> _Meaning:
    hint = "ask the proxy's operator to allow this host and port"
    return _Meaning("denied", what, "network", retryable=False, hint=hint)


_REPLIES: Final[dict[int, _Meaning]] = {
    # SOCKS5 (RFC 1928, 6)
    0x01: _Meaning("target-unreachable", "failed, and does not say why", "unknown"),
    0x02: _denied("does not allow this connection"),
    0x03: _Meaning("target-unreachable", "has no way to the server's network", "network"),
    0x04: _Meaning("target-unreachable", "has no way to the server", "network"),
    0x05: _Meaning("target-refused", "was refused the connection by the server", "peer"),
    0x06: _Meaning("target-unreachable", "did not reach the server in time", "network"),
    0x07: _denied("does not know the command CONNECT"),
    0x08: _denied("does not know this kind of address"),
    # SOCKS4 has one code for whatever fails, and two for a user it does not believe.
    0x5B: _Meaning("target-unreachable", "refuses or failed, SOCKS4 does not say which", "unknown"),
    0x5C: _NO_CREDENTIALS,
    0x5D: _NO_CREDENTIALS,
}
_CREDENTIALS: Final = re.compile("authentication failure|No acceptable authentication")
"""What python-socks says without a code (RFC 1928, 3, and RFC 1929, 2)."""


def map_proxy_error(error: BaseException, proxy: Proxy, *, where: str) -> LongwireError:
    """The error of ours that says what a foreign one means on the way to and through a proxy.

    Args:
        error: What was raised. An error of ours is returned as it is.
        proxy: Which proxy it was.
        where: The server's address, secrets removed.

    Raises:
        BaseException: ``error`` itself if it is no `Exception`, as `map_error`.
    """
    if isinstance(error, LongwireError):
        return error
    if _is_from_python_socks(error, "ProxyError"):
        return _made(_of_reply(error), proxy, where)
    if isinstance(error, ValueError | LookupError) and not isinstance(error, OSError):
        # Thrown at python-socks by an answer that is none. (Some of TLS's errors are both.)
        return _made(_STRANGE, proxy, where)
    mapped = map_error(error, phase="opening", where=where)
    if not isinstance(mapped, ConnectError):
        return mapped
    problem: ProxyProblem = "unreachable"
    hint = mapped.hint
    if isinstance(mapped, TLSError):
        problem = "tls"
        hint = "trust is given to a proxy with proxy=longwire.Proxy(url, tls=longwire.TLS(ca=...))"
    blame: Blame = "local" if mapped.blame == "local" else "network"
    meaning = _Meaning(problem, f"cannot be used: {mapped.what}", blame, mapped.retryable, hint)
    return _made(meaning, proxy, where)


def _of_reply(error: BaseException) -> _Meaning:
    code = getattr(error, "error_code", None)
    if code is not None:
        return _REPLIES.get(code, _STRANGE)
    text = str(error)
    if "closed unexpectedly" in text:
        return _Meaning("unreachable", "ended the connection before its answer", "network")
    return _NO_CREDENTIALS if _CREDENTIALS.search(text) else _STRANGE


def _is_from_python_socks(error: BaseException, name: str) -> bool:
    # By name: this seam must not import the library, which is loaded at first use only.
    return any(
        base.__name__ == name and base.__module__.startswith("python_socks.")
        for base in type(error).__mro__
    )


def _made(meaning: _Meaning, proxy: Proxy, where: str) -> ProxyError:
    return ProxyError(
        f"the proxy {proxy} {meaning.what}",
        problem=meaning.problem,
        proxy=str(proxy),
        retryable=meaning.retryable,
        blame=meaning.blame,
        from_environment=bool(proxy.variable),
        where=where,
        hint=(meaning.hint + origin_hint(proxy)).removeprefix("; "),
    )
