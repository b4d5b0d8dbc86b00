"""The exception tree. Fields first; the text is derived from them.

Every error says what happened, to which URL (secrets removed), what longwire tried, and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Blame = Literal["local", "peer", "network", "unknown"]
"""Who is at fault, as far as the evidence goes.

``local``: this program, or this machine. ``peer``: who speaks WebSocket with us at the other end.
``network``: the way there. ``unknown``: it is not proved; a reset, say, or bare silence, may be the
doing of the server or of a proxy in front of it, and nobody on this side can tell.
"""

ConnectFailure = Literal[
    "address",
    "dns",
    "refused",
    "unreachable",
    "timeout",
    "reset",
    "eof",
    "tls",
    "rejected",
    "redirect",
    "handshake",
    "proxy",
    "local",
]
"""In which way an opening failed.

``address``: the URL is unusable. ``dns``: the name did not resolve. ``refused``, ``unreachable``,
``reset``, ``eof``: TCP said no, found no way, was reset or ended before the answer was complete.
``timeout``: the one deadline over the whole opening ran out. ``tls``: the TLS handshake failed.
``rejected``: an HTTP answer other than 101. ``redirect``: a redirect that must not be followed.
``handshake``: an answer that is not a valid WebSocket handshake. ``proxy``: the way through a proxy
failed (`ProxyError`). ``local``: this machine could not even try (no file descriptors, no
permission).
"""


class LongwireError(Exception):
    """The root of what is raised when something goes wrong with a connection.

    Args:
        what: What happened, one clause, no full stop.
        where: The URL or address it happened to, secrets already removed.
        tried: What longwire did about it before it raised.
        hint: What the reader should do next.
    """

    blame: Blame = "unknown"
    retryable: bool = False

    def __init__(self, what: str, *, where: str = "", tried: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.tried = tried
        self.hint = hint

    def __str__(self) -> str:
        place = f" [{self.where}]" if self.where else ""
        rest = "".join(f" {part}." for part in (self.tried, self.hint) if part)
        return f"{self.what}{place}.{rest}"


E = TypeVar("E", bound=LongwireError)


def fresh(error: E) -> E:
    """The same error, with the same cause, as one that was never raised."""
    twin = type(error).__new__(type(error), *error.args)
    vars(twin).update(vars(error))
    twin.__cause__ = error.__cause__
    return twin


class ConnectError(LongwireError):
    """A link could not be opened.

    Args:
        what: What happened.
        kind: In which way it failed, see `ConnectFailure`.
        retryable: Whether trying again without a change may help.
        blame: Who is at fault, as far as is known.
        retry_after: Seconds the server asked to wait (``Retry-After``), or None.
    """

    def __init__(
        self,
        what: str,
        *,
        kind: ConnectFailure,
        retryable: bool,
        blame: Blame = "unknown",
        retry_after: float | None = None,
        where: str = "",
        tried: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(what, where=where, tried=tried, hint=hint)
        self.kind = kind
        self.retryable = retryable
        self.blame = blame
        self.retry_after = retry_after


class AddressError(ConnectError):
    """The URL is unusable, or its host name does not resolve (``kind`` says which)."""


TLSProblem = Literal["expired", "wrong-name", "self-signed", "unknown-issuer", "protocol", "other"]


class TLSError(ConnectError):
    """The TLS handshake failed. ``problem`` says how."""

    def __init__(
        self,
        what: str,
        *,
        problem: TLSProblem,
        retryable: bool,
        where: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(
            what, kind="tls", retryable=retryable, blame="peer", where=where, hint=hint
        )
        self.problem = problem


ProxyProblem = Literal[
    "unreachable",
    "tls",
    "credentials",
    "denied",
    "target-refused",
    "target-unreachable",
    "protocol",
]
"""In which way a proxy was in the way.

``unreachable``: there was no connection to it, or it broke. ``tls``: the TLS handshake with the
proxy itself failed. ``credentials``: it does not accept ours, or has none of ours. ``denied``: it
does not allow the connection. ``target-refused``, ``target-unreachable``: it could not connect to
the server, by its own word. ``protocol``: what answers is no such proxy.
"""


class ProxyError(ConnectError):
    """The way through a proxy failed, before anything was said to the server.

    Args:
        what: What happened.
        problem: In which way, see `ProxyProblem`.
        proxy: The proxy's address, without user and password.
        status: What an HTTP proxy answered; None: it is none, or did not answer.
        from_environment: Whether it came from the environment, not from ``proxy=``.
    """

    def __init__(
        self,
        what: str,
        *,
        problem: ProxyProblem,
        proxy: str,
        retryable: bool,
        blame: Blame,
        status: int | None = None,
        from_environment: bool = False,
        retry_after: float | None = None,
        where: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(
            what,
            kind="proxy",
            retryable=retryable,
            blame=blame,
            retry_after=retry_after,
            where=where,
            hint=hint,
        )
        self.problem = problem
        self.proxy = proxy
        self.status = status
        self.from_environment = from_environment


class SocketUsed(ConnectError):
    """There is no other socket: the one given as ``sock=`` has had its link.

    It is the end of a client, unless `Retry.retryable` says otherwise.
    """

    def __init__(self, *, where: str = "") -> None:
        super().__init__(
            "the socket given as sock= has been used, and there is no other",
            kind="local",
            retryable=False,
            blame="local",
            where=where,
            hint="pass a function as sock=: it is asked for a new socket at each attempt",
        )


class HandshakeRejected(ConnectError):
    """The server answered the opening handshake with a status other than 101.

    Args:
        status: The HTTP status code.
        headers: The response's headers.
        body: The start of the response's body, as far as it came in time.
    """

    def __init__(
        self,
        *,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        retryable: bool,
        retry_after: float | None = None,
        where: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(
            f"the server answered HTTP {status} instead of 101",
            kind="rejected",
            retryable=retryable,
            blame="peer",
            retry_after=retry_after,
            where=where,
            hint=hint,
        )
        self.status = status
        self.headers = headers
        self.body = body


class SubscriptionRefused(LongwireError):
    """The peer answered a subscription with a refusal. ``answer`` is what it said."""

    blame = "peer"

    def __init__(self, name: str, answer: str | bytes, *, where: str = "") -> None:
        super().__init__(
            f"the peer refused subscription {name!r}",
            where=where,
            hint="read .answer, then correct the subscription or the credentials it needs",
        )
        self.name = name
        self.answer = answer


class LinkClosed(LongwireError):
    """The link has ended. ``closure`` says why and how."""

    def __init__(self, closure: Any, *, where: str = "") -> None:
        super().__init__(f"the link has ended: {_how(closure)}", where=where)
        self.closure = closure


def _how(closure: Any) -> str:
    """How a link ended, in a few words; the closure's own type lives above this room."""
    end = getattr(closure, "end", None)
    if end is None:
        return str(closure)
    code = closure.received_code
    said = "" if code is None else f" with {code} {closure.received_reason!r}"
    # Its text may be of the user's own code, and hold a secret.
    failed = "" if closure.error is None else f", {type(closure.error).__name__}"
    return f"{end}{said}{failed}"


class GaveUp(LongwireError):
    """The client stopped trying. ``interruption`` is the one it could not end."""

    def __init__(self, interruption: Any, *, where: str = "", tried: str = "") -> None:
        super().__init__(
            f"the client gave up: {interruption}",
            where=where,
            tried=tried,
            hint="read .interruption for cause and evidence; by default (Retry()) a client that "
            "meets a retryable end never gives up",
        )
        self.interruption = interruption


class ClientClosed(LongwireError):
    """The client was closed by its user."""

    blame = "local"


class InboxFull(LongwireError):
    """The inbox is full and its policy is ``"fail"``."""

    blame = "local"


class OutboxFull(LongwireError):
    """The outbox is full and its policy does not allow waiting."""

    blame = "local"


class NotConnected(LongwireError):
    """There is no link, and the outbox's policy is ``"fail"``."""

    retryable = True


class MessageTooBig(LongwireError):
    """A message is over the limit in bytes. ``size`` is None where the peer did not say it."""

    def __init__(self, what: str, *, limit: int, size: int | None, blame: Blame) -> None:
        super().__init__(what, hint="raise max_message_bytes, or send less in one message")
        self.limit = limit
        self.size = size
        self.blame = blame


class ProtocolError(LongwireError):
    """The peer broke RFC 6455 or RFC 7692. ``code`` is the close code to answer with."""

    blame = "peer"

    def __init__(self, what: str, *, code: int = 1002, where: str = "") -> None:
        super().__init__(what, where=where)
        self.code = code


class RecordingError(LongwireError):
    """A recording cannot be read, or not be written."""

    blame = "local"


class EndIgnored(BaseException):
    """A program swallows the end of a connection and asks again for ever. Development mode only.

    It is no `LongwireError` and no `Exception`, for what swallows those is its very cause.

    Args:
        place: Where that is.
        times: How often the end was told there within a second.
    """

    def __init__(self, place: str, times: int) -> None:
        super().__init__(place, times)
        self.place = place
        self.times = times

    def __str__(self) -> str:
        return (
            f"the connection has ended, which was told {self.times} times in a second at "
            f"{self.place}, and was swallowed there. Let that error out of the loop around it. "
            "Outside of development mode this task would be held back"
        )
