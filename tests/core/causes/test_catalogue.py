"""The catalogue: complete, readable, and honest about longwire's own options."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import tomllib
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import pytest

from longwire.core.causes import CATALOGUE, UNKNOWN, Cause, UnknownCause, catalogue, cause
from longwire.core.causes.classify import nameable
from longwire.core.liveness import Heartbeat
from longwire.core.overflow import Inbox, Outbox
from longwire.core.retry import Retry
from longwire.core.sequence import Sequence
from longwire.errors import LongwireError

IDS = [
    "zombie-stream",
    "half-open-undetected",
    "keepalive-off",
    "heartbeat-not-wired-to-reader",
    "broken-watchdog",
    "heartbeat-starved-by-data",
    "pong-not-flushed",
    "heartbeat-dialect-mismatch",
    "blocked-event-loop",
    "busy-poll-loop",
    "slow-handler-inline",
    "no-concurrent-reader",
    "swallowed-exception",
    "poison-message-kills-reader",
    "unsupervised-reader-task",
    "task-garbage-collected",
    "silent-end-of-iteration",
    "cancelled-recv-loses-message",
    "concurrent-recv",
    "concurrent-write",
    "cross-thread-access",
    "handler-lifecycle-mistake",
    "slow-consumer-eviction",
    "bounded-queue-overflow",
    "credit-window-exhausted",
    "unbounded-send-buffer",
    "head-of-line-broadcast",
    "send-without-timeout",
    "broadcast-iteration-crash",
    "lost-subscriptions",
    "subscription-not-confirmed",
    "reconnected-but-deaf",
    "overlapping-sessions",
    "reconnect-gives-up",
    "reconnect-storm",
    "backoff-reset-on-open",
    "slow-close-delays-reconnect",
    "close-loses-tail",
    "sequence-gap",
    "lease-expired",
    "auth-expired",
    "provider-quota-violation",
    "forced-lifetime-disconnect",
    "deploy-restart",
    "upstream-feed-dead",
    "per-process-registry",
    "layer-capacity-drop",
    "connection-leak",
    "idle-timeout-intermediary",
    "nat-silent-drop",
    "proxy-reload",
    "sleep-wake",
    "network-change",
    "background-throttling",
    "stale-dns",
    "tls-expiry",
    "mtu-blackhole",
    "middlebox-interference",
    "proxy-env-surprise",
    "message-too-big",
    "permessage-deflate-fault",
    "fragmentation-mishandled",
    "close-reason-lost",
    "clock-jump",
]

TEXTS = ("title", "symptom", "mechanism", "evidence", "remedy", "remedy_elsewhere")

CATEGORIES = {
    "server behaviour",
    "network path",
    "library misuse",
    "application code",
    "protocol",
    "operations",
}

GROUPS: dict[str, Any] = {
    "Heartbeat": Heartbeat,
    "Retry": Retry,
    "Inbox": Inbox,
    "Outbox": Outbox,
    "Sequence": Sequence,
}

OPTIONS = re.compile(
    r"\b(?:Heartbeat|Retry|Inbox|Outbox|Sequence)\("
    r"|\b(?:subscribe|isolate|proxy=|headers|max_message_bytes|compression|open_timeout|close_timeout)\b"
    r"|\b(?:on_interruption|client\.interruptions|client\.alerts|client\.stats\(\)|recv\()"
    r"|\blongwire\.(?:serve|sync\.connect)\b|\bclient\.(?:recv|send|batches)\("
)
"""What a user can type or read. The words `recv(` and `client.recv(` are the same method."""

NOT_YET = re.compile(r"\b(?:rotate_after|identity=|links=|codec=|topics=|Hub)\b")
"""Planned names that do not exist yet: a remedy must not send anyone after them."""


def test_the_catalogue_holds_exactly_these_ids_in_this_order() -> None:
    """Ids are stable names that linters, reports and users rely on."""
    assert len(IDS) == 64
    assert list(CATALOGUE) == IDS
    assert all(entry.id == name for name, entry in CATALOGUE.items())


@pytest.mark.parametrize("cause_id", IDS)
def test_an_entry_is_complete(cause_id: str) -> None:
    """Every field says something, on one line, and every link is a URL."""
    entry = CATALOGUE[cause_id]
    for field in TEXTS:
        text = getattr(entry, field)
        assert text
        assert text == " ".join(text.split())
        assert text.endswith(".") is (field != "title"), field
    assert len(entry.title) <= 60
    assert entry.category in CATEGORIES
    assert entry.blame in {"local", "peer", "network", "unknown"}
    assert entry.links
    for link in entry.links:
        parts = urlsplit(link)
        assert parts.scheme == "https"
        assert parts.netloc


def test_titles_are_told_apart() -> None:
    """No two causes have the same title."""
    assert len({entry.title for entry in CATALOGUE.values()}) == len(IDS)


@pytest.mark.parametrize("cause_id", IDS)
def test_a_remedy_names_what_exists(cause_id: str) -> None:
    """It mentions something of longwire that a user can type, and nothing that is not there."""
    entry = CATALOGUE[cause_id]
    assert OPTIONS.search(entry.remedy)
    assert not NOT_YET.search(entry.remedy)


@pytest.mark.parametrize("cause_id", IDS)
def test_advice_for_elsewhere_needs_no_longwire(cause_id: str) -> None:
    """It is of use to someone who has never installed it."""
    text = CATALOGUE[cause_id].remedy_elsewhere
    assert "longwire" not in text
    assert not any(f"{group}(" in text for group in GROUPS)


@pytest.mark.parametrize("entry", [*CATALOGUE.values(), UNKNOWN], ids=lambda entry: entry.id)
def test_options_in_remedies_have_their_real_names(entry: Cause) -> None:
    """``Retry(stable_after=...)`` and the like are fields of the real option groups."""
    for group, inside in re.findall(r"\b(\w+)\(([^()]*)\)", entry.remedy):
        if group not in GROUPS:
            continue
        fields = {field.name for field in dataclasses.fields(GROUPS[group])}
        for argument in filter(None, (part.strip() for part in inside.split(","))):
            name = argument.partition("=")[0]
            assert name.strip('"') in fields, f"{group} has no {name}"


TOLD_OTHERWISE = {
    "sequence-gap": "an event of its own, a Gap among the messages: no link need end for it",
    "reconnect-gives-up": "an outcome, not a cause: what the retry loop did about an interruption",
}
"""Causes that a client proves without `classify`, and why they are no row of its table.

tests/client/test_init.py shows the client at it.
"""


def test_what_a_client_can_prove_it_names_or_tells() -> None:
    """The mark ``observable_by_client`` is true of exactly the causes that a client tells of."""
    observable = {name for name, entry in CATALOGUE.items() if entry.observable_by_client}
    assert observable == nameable() | set(TOLD_OTHERWISE)
    assert not nameable() & set(TOLD_OTHERWISE)


def test_unknown_is_a_cause_outside_the_catalogue() -> None:
    """It can be found and explained, but it is no entry."""
    assert UNKNOWN.id not in CATALOGUE
    assert cause("unknown") is UNKNOWN
    assert UNKNOWN.blame == "unknown"


def test_a_cause_is_found_by_its_id() -> None:
    """The same object each time, and it cannot be changed."""
    found = cause("zombie-stream")
    assert found is CATALOGUE["zombie-stream"]
    with pytest.raises(AttributeError):
        found.title = "changed"  # type: ignore[misc]  # the very thing under test


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("zombi-stream", "zombie-stream"),
        ("half_open_undetected", "half-open-undetected"),
        ("Blocked-Event-Loop", "blocked-event-loop"),
        ("unknwon", "unknown"),
    ],
)
def test_a_misspelled_id_brings_a_suggestion(wrong: str, right: str) -> None:
    """The error is a `LongwireError` and a `KeyError`, and names the ids that are close."""
    with pytest.raises(UnknownCause) as caught:
        cause(wrong)
    assert isinstance(caught.value, LongwireError)
    assert isinstance(caught.value, KeyError)
    assert caught.value.cause_id == wrong
    assert right in caught.value.hint
    assert str(caught.value).startswith("there is no cause ")


def test_an_id_like_no_other_brings_no_suggestion() -> None:
    """Then the hint says where all ids are."""
    with pytest.raises(UnknownCause) as caught:
        cause("x" * 40)
    assert "did you mean" not in caught.value.hint
    assert caught.value.hint


def test_the_mapping_is_a_mapping() -> None:
    """Length, membership, lookup and a short repr."""
    assert len(CATALOGUE) == 64
    assert "zombie-stream" in CATALOGUE
    assert "no-such-cause" not in CATALOGUE
    assert CATALOGUE.get("no-such-cause") is None
    with pytest.raises(KeyError):
        CATALOGUE["no-such-cause"]
    assert len(repr(CATALOGUE)) < 80


def test_importing_reads_nothing() -> None:
    """An entry is parsed at its first use, not at import."""
    program = (
        "import sys\n"
        "from longwire.core.causes import CATALOGUE, catalogue\n"
        "assert 'tomllib' not in sys.modules\n"
        "assert catalogue._entries.cache_info().currsize == 0\n"
        "assert len(CATALOGUE) == 64\n"
        "assert 'tomllib' not in sys.modules\n"
        "assert CATALOGUE['zombie-stream'] is CATALOGUE['zombie-stream']\n"
        "assert catalogue._entry.cache_info().currsize == 1\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_entries_are_those_of_the_file() -> None:
    """Read one by one, they are what TOML makes of the whole."""
    text = resources.files("longwire.core.causes").joinpath("catalogue.toml").read_text("utf-8")
    whole = tomllib.loads(text)
    assert list(CATALOGUE) == list(whole)
    assert all(list(CATALOGUE[name].links) == whole[name]["links"] for name in whole)


async def test_the_first_use_may_be_inside_an_event_loop() -> None:
    """It counts as loading a module does, not as a blocking call."""
    catalogue._entries.cache_clear()
    catalogue._entry.cache_clear()
    assert CATALOGUE["zombie-stream"].title


def test_an_installation_without_the_file_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken package raises our error with advice, not an AttributeError."""
    monkeypatch.setattr("pkgutil.get_data", lambda *_: None)
    catalogue._entries.cache_clear()
    try:
        with pytest.raises(LongwireError, match="missing"):
            len(CATALOGUE)
    finally:
        catalogue._entries.cache_clear()
