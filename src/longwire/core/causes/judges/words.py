"""What the peer said when it closed. Its words are evidence of what it did, and are quoted.

Most servers close with 1000, 1008, 1011 or a private code and explain themselves in the reason, so
the words count, not the code. They are read narrowly: a reason that fits two patterns is settled by
the order of the judges, and one that fits none proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.core.causes.judges.facts import closing, local_state, says, sentence, span

if TYPE_CHECKING:
    from longwire.core.causes.evidence import Evidence
    from longwire.core.causes.judges.facts import Reasons


def _near(first: str, then: str, gap: int) -> str:
    """Some word, and another that begins within ``gap`` characters behind it."""
    return rf"\b(?:{first})\b.{{0,{gap}}}\b(?:{then})"


# Among others Coinbase (ErrSlowConsume, ErrSlowRead), QST (4102, too many pending messages), Home
# Assistant (exceeded max pending messages), NATS (slow consumer), Fluxer (4013, ack backpressure).
_STORE: Final = "queue|buffer|backlog|pending (?:messages|frames|data|writes)"
_FULL: Final = r"full|over(?:flow|run)\w*|exceed\w*|too (?:many|much|long)|limit\w*"
_SLOW: Final = (
    r"\bslow[ _-]?(?:consum|client|read|receiv|subscriber|socket)|\bErrSlow",
    r"\b(?:too slow|not \w+ fast enough|fall(?:ing|en)? behind|fell behind|back-?pressure)\b",
    _near(_STORE, _FULL, 30),
    _near(_FULL, _STORE, 20),
)

_COUNTED: Final = (
    "requests?|messages?|connect|subscri|streams?|sockets?|web ?sockets?|clients?|sessions?|"
    "commands?|pings?|attempts?"
)
_QUOTA: Final = (
    r"\brate[ _-]?limit|\b(?:quota|throttl|flood)|\btoo_many_",
    _near("too (?:many|much|frequent)", _COUNTED, 24),
    r"\b(?:connection|subscription|request|message|stream|session)s? (?:limit|cap)\b",
    _near("limit|max(?:imum)?", "connections|subscriptions|requests|streams|sessions", 16),
    r"\b(?:ip|address|account|client) (?:is |was |has been )?banned\b",
)

_LEASED: Final = "listen[ _-]?key|lease|ticket|subscription"
_LEASE: Final = (
    _near(_LEASED, "expire|not renewed", 24),
    rf"\bexpired (?:{_LEASED})\b|\blistenKeyExpired\b",
)

_PROOF: Final = "token|jwt|api[ _-]?key|credentials?|signature|login|cookie|auth"
_CREDENTIALS: Final = (
    r"\bun-?auth(?:ori[sz]ed|enticated)\b|\bnot (?:authori[sz]ed|authenticated|logged in)\b",
    _near(
        "auth(?:entication|ori[sz]ation)?",
        "fail|expire|time-?out|timed out|require|invalid|error|denied|missing|rejected",
        16,
    ),
    _near(_PROOF, "expire|invalid|revoked|missing|rejected|(?:not|no longer) valid|required", 20),
    _near("expired|invalid|bad|wrong|revoked|missing", _PROOF, 12),
)
_SYNTAX: Final = r"\b(?:json|syntax|parse|parsing|position)\b"
"""An invalid token of a text that could not be parsed is no credential."""

_RIVAL: Final = "connection|session|login|client|device"
_OTHER_SESSION: Final = (
    _near(
        rf"(?:another|other|newer|new|second) (?:{_RIVAL})",
        "opened|started|established|took|taken|connected|active|exists|detected|replac|from",
        24,
    ),
    r"\b(?:replaced|superseded|kicked|evicted|taken over|closed) by (?:an? )?(?:another|other|new)",
    r"\b(?:logged in|signed in|connected) (?:elsewhere|from another|on another)",
    rf"\bduplicate (?:{_RIVAL})\b|\b(?:session|connection) (?:was )?(?:replaced|superseded)\b",
)

_AGE: Final = "life ?time|duration|connection (?:age|time)|session time"
_REACHED: Final = r"max\w*|exceed\w*|reached|limit"
_LIFETIME: Final = (
    _near(_REACHED, _AGE, 30),
    _near(_AGE, _REACHED + "|expire", 20),
    r"\b(?:connected|open|alive) (?:for )?too long\b",
)

_BEAT: Final = "keep-?alive|ping|pong|heart-?beat"
_MISSED: Final = "timed out|time-?out|miss|fail|expire|late|lost|not received|unanswered"
_PING: Final = (
    _near(f"(?:{_BEAT})s?", _MISSED, 24),
    _near("no|missed|missing|without|waiting for|respond to|response (?:to|from)", _BEAT, 16),
)
_PROTOCOL_PING: Final = r"\bkeepalive ping timeout\b"
"""The very words of `websockets`, whose keepalive is made of protocol pings and nothing else."""

_IDLE: Final = (
    r"\b(?:idle|inactiv\w*|no (?:activity|traffic))\b",
    r"\bno (?:messages?|data) (?:was |were )?(?:received|sent|from client)\b",
)

_SOURCE: Final = "upstream|backend|back-end|broker|redis|nats|kafka|database|feed|source"
_GONE: Final = "lost|gone|dead|down|unavailable|disconnect|unreachable|connection (?:lost|closed)"
_UPSTREAM: Final = (_near(_SOURCE, _GONE, 24), _near("lost|no", _SOURCE, 12))

_SERVICE: Final = "server|service|gateway|node|worker|process|system|host|instance"
_STOPS: Final = r"restart|shut ?down|shutting down|going|stopping|closing|updat|upgrad|drain"
_RESTART: Final = (
    r"\b(?:re-?start(?:ing)?|re-?boot(?:ing)?|re-?deploy\w*|deploy(?:ing|ment)?|shutting down)\b",
    r"\b(?:maintenance|draining)\b",
    _near(_SERVICE, _STOPS, 12),
)


def _said(e: Evidence, patterns: tuple[str, ...]) -> bool:
    return e.end == "close-received" and says(e.received_reason, *patterns)


def _coded(e: Evidence, code: int) -> bool:
    return e.end == "close-received" and e.received_code == code


def _told(e: Evidence) -> Reasons:
    return (sentence(closing(e)), *local_state(e))


def ping_timeout(e: Evidence) -> bool:
    """Whether the peer complains of a missing pong or heartbeat."""
    return _said(e, _PING)


def slow_consumer(e: Evidence) -> Reasons | None:
    """slow-consumer-eviction: the peer says that we read too slowly."""
    return _told(e) if _said(e, _SLOW) else None


def quota(e: Evidence) -> Reasons | None:
    """provider-quota-violation: the peer speaks of a rate or a number that was exceeded."""
    # 4429 is HTTP's 429 in the private range, as 4401 is 401; graphql-ws made it a custom.
    return _told(e) if _coded(e, 4429) or _said(e, _QUOTA) else None


def lease(e: Evidence) -> Reasons | None:
    """lease-expired: the peer says that what the stream hangs on has run out."""
    return _told(e) if _said(e, _LEASE) else None


def credentials(e: Evidence) -> Reasons | None:
    """auth-expired: the peer speaks of credentials, or closes with 4401."""
    said = _said(e, _CREDENTIALS) and not says(e.received_reason, _SYNTAX)
    return _told(e) if said or _coded(e, 4401) else None


def other_session(e: Evidence) -> Reasons | None:
    """overlapping-sessions: the peer says that another session of ours took over."""
    return _told(e) if _said(e, _OTHER_SESSION) else None


def lifetime(e: Evidence) -> Reasons | None:
    """forced-lifetime-disconnect: the peer says that the link has lived long enough."""
    return _told(e) if _said(e, _LIFETIME) else None


def upstream(e: Evidence) -> Reasons | None:
    """upstream-feed-dead: the peer says that it has lost what it passes on."""
    said = _said(e, _UPSTREAM) and not _said(e, _RESTART)
    return _told(e) if said or _coded(e, 1014) else None


def heartbeat_dialect(e: Evidence) -> Reasons | None:
    """heartbeat-dialect-mismatch: it misses a heartbeat although protocol pings are answered."""
    if not (ping_timeout(e) or _said(e, _IDLE)) or says(e.received_reason, _PROTOCOL_PING):
        return None
    if e.pong_age is None or e.heartbeat_every is None or e.io_lag is None:
        return None
    fresh = e.heartbeat_every + (e.heartbeat_within or 0.0)
    if e.pong_age > fresh or e.io_lag > 0.5 or e.reading_paused_for is not None:
        return None
    worked = (
        f"Protocol pings worked: the last pong had come {span(e.pong_age)} before, and our loop "
        f"was late by no more than {span(e.io_lag)}."
    )
    return (sentence(closing(e)), worked)


def idle(e: Evidence) -> Reasons | None:
    """idle-timeout-intermediary: the peer says that the link was idle."""
    if not _said(e, _IDLE):
        return None
    still = () if e.byte_age is None else (f"The last byte had come {span(e.byte_age)} before.",)
    return (sentence(closing(e)), *still)


def restart(e: Evidence) -> Reasons | None:
    """deploy-restart: 1001, 1012, or words about a restart."""
    # With a complaint beside it 1001 says only that the peer went away from us.
    going_away = _coded(e, 1001) and not ping_timeout(e)
    if going_away or _coded(e, 1012) or _said(e, _RESTART):
        return (sentence(closing(e)),)
    return None
