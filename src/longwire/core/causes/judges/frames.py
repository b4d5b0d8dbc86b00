"""Frames that broke the rules, and messages over a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.core.causes.judges.facts import closing, quoted, says, sentence

if TYPE_CHECKING:
    from longwire.core.causes.evidence import Evidence
    from longwire.core.causes.judges.facts import Reasons

_UNIT: Final = "message|frame|payload|packet"
_BIG: Final = "too (?:big|large|long)"
_TOO_BIG: Final = (
    rf"\b(?:{_UNIT})s?\b.{{0,40}}\b(?:{_BIG}|size|length|exceed)",
    rf"\b(?:{_BIG}|over ?sized?)\b.{{0,10}}\b(?:{_UNIT})",
)
_NO_SIZE: Final = r"\b(?:queue|buffer|pending|backlog|rate|quota|too many)"
"""With these words it was not a message that was too long."""

_COMPRESSION: Final = r"\b(?:inflat|deflat|decompress|compress(?:ed|ion)\b|zlib\b|rsv1\b)"

_FRAGMENTS: Final = (
    r"\b(?:fragment|continu(?:ed|ation)\b(?! byte))",
    r"\bbegan a message before\b|\bunfinished message\b",
)
"""A continuation byte is one of UTF-8's, and has nothing to do with fragments."""

_HTTP_ANSWER: Final = r"HTTP/1\.[01]\b"


def too_big(e: Evidence) -> Reasons | None:
    """message-too-big: over our limit, or over the peer's by its own words."""
    if e.end == "message-too-big":
        detail = f": {quoted(e.error)}" if e.error else ""
        return (f"A message from the peer was over our limit{detail}.",)
    if e.end != "close-received":
        return None
    words = e.received_reason
    if e.received_code == 1009 or (says(words, *_TOO_BIG) and not says(words, _NO_SIZE)):
        return (sentence(f"{closing(e)}: a message of ours was too big for it"),)
    return None


def compression(e: Evidence) -> Reasons | None:
    """permessage-deflate-fault: agreed on, and then not to be inflated, or marked wrongly."""
    if not e.compressed:
        return None
    if e.end == "protocol-error" and says(e.error, _COMPRESSION):
        return (f"Compression was agreed on, and the peer broke it: {quoted(e.error)}.",)
    refused = e.end == "close-received" and e.received_code in {1002, 1007}
    if refused and says(e.received_reason, _COMPRESSION):
        return (sentence(f"compression was agreed on, and {closing(e)}"),)
    return None


def fragments(e: Evidence) -> Reasons | None:
    """fragmentation-mishandled: the order of fragments was broken (RFC 6455, 5.4)."""
    if e.end == "protocol-error" and says(e.error, *_FRAGMENTS):
        return (f"The peer broke the order of fragments: {quoted(e.error)}.",)
    if (
        e.end == "close-received"
        and e.received_code == 1002
        and says(e.received_reason, *_FRAGMENTS)
    ):
        return (sentence(closing(e)),)
    return None


def foreign_answer(e: Evidence) -> Reasons | None:
    """middlebox-interference: an HTTP answer where frames should be."""
    if e.end != "protocol-error" or not says(e.error, _HTTP_ANSWER):
        return None
    return (f"An HTTP answer came in the middle of the frames: {quoted(e.error)}.",)
