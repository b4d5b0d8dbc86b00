"""What an HTTP answer other than 101 means, and how long to wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.link.headers import Headers
from longwire.link.rejection import rejection, retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        ("Fri, 15 Jan 2027 08:01:30 +9999", None),
        ("Fri, 15 Jan 0001 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251_602_300_799.0),
        ("9999999999", 9_999_999_999.0),
        ("7, 8", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """Seconds, or a date against this machine's clock; nonsense counts as nothing."""
    assert retry_after(Headers({"Retry-After": value}), now=NOW) == seconds


@pytest.fixture(params=["UTC0", "XXX11", "XXX-13"])
def time_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """This machine in several parts of the world."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of a process cannot be set here")
    name: str = request.param
    with monkeypatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield name
    time.tzset()


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 15 Jan 2027 08:01:30 GMT",
        "Friday, 15-Jan-27 08:01:30 GMT",
        "Fri Jan 15 08:01:30 2027",
        "Fri, 15 Jan 2027 08:01:30",
        "Fri, 15 Jan 2027 08:01:30 -0000",
    ],
)
def test_dates_are_in_universal_time(value: str, time_zone: str) -> None:
    """All forms of a date (RFC 9110, 5.6.7) mean GMT, wherever this machine is."""
    assert retry_after(Headers({"Retry-After": value}), now=NOW) == 90.0
    headers = Headers({"Retry-After": "Fri, 15 Jan 2027 08:03:00 GMT", "Date": value})
    assert retry_after(headers, now=NOW) == 90.0


@given(st.text())
def test_retry_after_takes_anything(value: str) -> None:
    """Whatever a server sends there, nothing is raised, and a wait is never negative."""
    for name in ("Retry-After", "Date"):
        headers = Headers({"Retry-After": "Fri, 15 Jan 2027 08:01:30 GMT", name: value})
        seconds = retry_after(headers, now=NOW)
        assert seconds is None or 0 <= seconds < float("inf")


def test_retry_after_trusts_the_servers_clock() -> None:
    """A date is measured against the answer's own Date, so a wrong clock here does no harm."""
    headers = Headers(
        {"Retry-After": "Fri, 15 Jan 2027 08:01:30 GMT", "Date": "Fri, 15 Jan 2027 08:01:00 GMT"}
    )
    assert retry_after(headers, now=NOW + 86_400) == 30.0


def test_without_retry_after() -> None:
    """Most answers say nothing."""
    assert retry_after(Headers(), now=NOW) is None
