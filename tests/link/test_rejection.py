"""What an HTTP answer other than 101 means, and how long to wait."""

from __future__ import annotations

import pytest

from longwire.link.headers import Headers
from longwire.link.rejection import rejection, retry_after

NOW = 1_800_000_000.0  # 15 January 2027, 08:00:00 UTC


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 520, 599])
def test_retryable(status: int) -> None:
    """Too slow, too early, too many, and whatever a server does wrong itself: try again."""
    error = rejection(status, Headers(), b"", where="ws://h/", now=NOW)
    assert (error.kind, error.retryable, error.blame) == ("rejected", True, "peer")


@pytest.mark.parametrize(
    "status", [200, 204, 300, 304, 400, 401, 403, 404, 405, 407, 410, 426, 451]
)
def test_fatal(status: int) -> None:
    """The request itself is wrong: the same again would be answered the same."""
    assert not rejection(status, Headers(), b"", where="ws://h/", now=NOW).retryable


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (401, "credentials"),
        (403, "origin"),
        (404, "path"),
        (426, "version"),
        (400, "opening"),
        (200, "web page"),
        (429, "wait"),
    ],
)
def test_hints(status: int, word: str) -> None:
    """The usual rejections come with what to look at."""
    error = rejection(status, Headers(), b"", where="ws://h/", now=NOW)
    assert word in error.hint
    assert word in str(error)


def test_fields() -> None:
    """Status, headers, body and the time to wait are there to be read; the text has no body."""
    headers = Headers({"Retry-After": "7", "Set-Cookie": "s3cr3t"})
    error = rejection(503, headers, b"down for s3cr3t", where="ws://h/", now=NOW)
    assert (error.status, error.body, error.retry_after) == (503, b"down for s3cr3t", 7.0)
    assert error.headers["set-cookie"] == "s3cr3t"
    assert "s3cr3t" not in f"{error} {error!r} {error.headers!r}"
    assert "503" in str(error)
    assert "ws://h/" in str(error)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("Fri, 15 Jan 2027 08:01:30 GMT", 90.0),
        ("Friday, 15-Jan-27 08:01:30 GMT", 90.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("inf", None),
        ("١٢", None),
        ("9" * 11, None),
        ("Fri, 99 Jan 2027 08:01:30 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """Seconds, or a date against this machine's clock; nonsense counts as nothing."""
    assert retry_after(Headers({"Retry-After": value}), now=NOW) == seconds


def test_retry_after_trusts_the_servers_clock() -> None:
    """A date is measured against the answer's own Date, so a wrong clock here does no harm."""
    headers = Headers(
        {"Retry-After": "Fri, 15 Jan 2027 08:01:30 GMT", "Date": "Fri, 15 Jan 2027 08:01:00 GMT"}
    )
    assert retry_after(headers, now=NOW + 86_400) == 30.0


def test_without_retry_after() -> None:
    """Most answers say nothing."""
    assert retry_after(Headers(), now=NOW) is None
