"""Redirects: where they may lead, and what travels along."""

from __future__ import annotations

import pytest

from longwire.errors import ConnectError
from longwire.link.address import parse_address
from longwire.link.headers import Headers
from longwire.link.redirect import fields_for, redirect_target, too_many

FIELDS = [
    ("Authorization", "s3cr3t"),
    ("Cookie", "s3cr3t"),
    ("X-Api-Key", "s3cr3t"),
    ("User-Agent", "me"),
    ("Accept-Language", "de"),
]


@pytest.mark.parametrize(
    ("start", "location", "target"),
    [
        ("ws://h/a/b?x=1", "/c?y=2", "ws://h/c?y=…"),
        ("ws://h/a/b", "c", "ws://h/a/c"),
        ("ws://h/a/b", "../c", "ws://h/c"),
        ("ws://h:81/a", "?y=2", "ws://h:81/a?y=…"),
        ("ws://h/a", "ws://other/x", "ws://other/x"),
        ("ws://h/a", "wss://h/a", "wss://h/a"),
        ("ws://h/a", "https://h/a", "wss://h/a"),
        ("ws://h/a", "http://other/a", "ws://other/a"),
        ("wss://h/a", "//other/a", "wss://other/a"),
        ("wss://h/a", "HTTPS://other/a", "wss://other/a"),
        ("wss://h/a", "https://other:8443/a#part", "wss://other:8443/a"),
        ("ws://[::1]:9/a", "/b", "ws://[::1]:9/b"),
    ],
)
def test_targets(start: str, location: str, target: str) -> None:
    """Absolute, relative and page addresses lead to a WebSocket address."""
    found = redirect_target(parse_address(start), Headers({"Location": location}))
    assert str(found) == target


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ("/ä?ö=ü".encode(), "/%C3%A4?%C3%B6=%C3%BC"),
        ("/ä".encode("latin-1"), "/%E4"),
        (b"/%C3%A4\xff", "/%C3%A4%FF"),
        ("ws://other/ä".encode(), "/%C3%A4"),
    ],
)
def test_bytes_of_a_location_are_kept(sent: bytes, target: str) -> None:
    """What is no ASCII goes on as the bytes that came, whatever encoding the server meant."""
    # Fields are read as ISO-8859-1: each character is a byte.
    headers = Headers({"Location": sent.decode("latin-1")})
    assert redirect_target(parse_address("ws://h/a"), headers).target == target


@pytest.mark.parametrize(
    ("start", "location"),
    [
        ("ws://h/a", "ws://bücher.example/".encode().decode("latin-1")),
        ("ws://h/a", "//bücher.example/".encode().decode("latin-1")),
        ("wss://h/a", "ws://h/a"),
        ("wss://h/a", "http://h/a"),
        ("wss://h/a", "ws://h:443/a"),
        ("ws://h/a", ""),
        ("ws://h/a", "ftp://h/a"),
        ("ws://h/a", "javascript:alert(1)"),
        ("ws://h/a", "ws://h:port/"),
        ("ws://h/a", "ws://[::1/"),
        ("ws://h/a", "/a b"),
        ("ws://h/a", "ws://h:0/"),
    ],
)
def test_refused(start: str, location: str) -> None:
    """Never to where everyone can read along, and never to what is no address."""
    with pytest.raises(ConnectError) as caught:
        redirect_target(parse_address(start), Headers({"Location": location}))
    error = caught.value
    assert (error.kind, error.retryable, error.blame) == ("redirect", False, "peer")


@pytest.mark.parametrize("location", ["/b", "b", "ws://[fe80::1]:9/b", "//[FE80::1]:9/b"])
def test_the_zone_is_kept(location: str) -> None:
    """A zone means something here only; the server never heard of it, and so cannot name it."""
    start = parse_address("ws://bob:pw@[fe80::1%eth0]:9/a")
    target = redirect_target(start, Headers({"Location": location}))
    assert (target.host, target.target) == ("fe80::1%eth0", "/b")
    assert target.origin == start.origin
    assert target.userinfo == start.userinfo
    away = redirect_target(start, Headers({"Location": "ws://[fe80::2]:9/b"}))
    assert away.host == "fe80::2"


def test_missing_location() -> None:
    """A redirect must say where to."""
    with pytest.raises(ConnectError) as caught:
        redirect_target(parse_address("ws://h/a"), Headers())
    assert caught.value.kind == "redirect"


def test_userinfo_stays_within_the_origin() -> None:
    """User and password go along to another path, but not to another host, port or scheme."""
    start = parse_address("ws://bob:s3cr3t@h/a")

    def target(location: str) -> tuple[str, str] | None:
        return redirect_target(start, Headers({"Location": location})).userinfo

    assert target("/b") == ("bob", "s3cr3t")
    assert target("ws://h:80/b") == ("bob", "s3cr3t")
    assert target("ws://h:81/b") is None
    assert target("ws://other/b") is None
    assert target("wss://h/b") is None
    assert target("ws://ann:pw@other/b") == ("ann", "pw")


@pytest.mark.parametrize("target", ["wss://h/", "ws://h:81/", "ws://other/", "ws://sub.h/"])
def test_fields_do_not_go_to_strangers(target: str) -> None:
    """Another scheme, host or port gets only what cannot be a credential (trap 7)."""
    start = parse_address("ws://h/")
    assert fields_for(FIELDS, start=start, target=parse_address(target)) == FIELDS[3:]


def test_fields_stay_within_the_origin() -> None:
    """Within one origin everything goes along."""
    start = parse_address("ws://h/a")
    assert fields_for(FIELDS, start=start, target=parse_address("ws://h:80/b")) == FIELDS


def test_errors_hide_secrets() -> None:
    """What a redirect's error shows of addresses is redacted."""
    start = parse_address("wss://bob:s3cr3t@h/a?token=s3cr3t")
    for location in ("ws://h/?token=s3cr3t", "ftp://ann:s3cr3t@h/?s3cr3t"):
        with pytest.raises(ConnectError) as caught:
            redirect_target(start, Headers({"Location": location}))
        assert "s3cr3t" not in f"{caught.value} {caught.value!r}"


def test_too_many() -> None:
    """The text says whether none are followed, or how many were."""
    address = parse_address("ws://h/")
    assert "not followed" in str(too_many(address, 0))
    assert "more than 5" in str(too_many(address, 5))
