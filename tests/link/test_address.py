"""URLs: what is accepted, what is refused, and that no secret is ever shown."""

from __future__ import annotations

import contextlib
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.errors import AddressError
from longwire.link.address import host_port, parse_address, redact

SECRET = "s3cr3tpassw0rd"


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("ws://example.com", "example.com", 80, "/", "example.com"),
        ("wss://example.com", "example.com", 443, "/", "example.com"),
        ("WSS://Example.COM/A", "example.com", 443, "/A", "example.com"),
        ("ws://example.com:8080/a/b?c=d&e", "example.com", 8080, "/a/b?c=d&e", "example.com:8080"),
        ("wss://example.com:80/", "example.com", 80, "/", "example.com:80"),
        ("ws://example.com?x=1", "example.com", 80, "/?x=1", "example.com"),
        ("ws://[::1]:9000/x", "::1", 9000, "/x", "[::1]:9000"),
        ("ws://[::1]/x", "::1", 80, "/x", "[::1]"),
        ("ws://127.0.0.1:1/", "127.0.0.1", 1, "/", "127.0.0.1:1"),
        ("ws://my_container:5/", "my_container", 5, "/", "my_container:5"),
        ("ws://[fe80::1%eth0]:9/", "fe80::1%eth0", 9, "/", "[fe80::1]:9"),
        ("ws://[fe80::1%25eth0]:9/", "fe80::1%eth0", 9, "/", "[fe80::1]:9"),
        ("ws://[FE80::1%25Eth0]/", "fe80::1%Eth0", 80, "/", "[fe80::1]"),
        ("ws://[fe80::1%25]/", "fe80::1%25", 80, "/", "[fe80::1]"),
        ("ws://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1", 80, "/", "[::ffff:127.0.0.1]"),
        ("wss://bücher.example/ä?ö=ü", "xn--bcher-kva.example", 443, "/%C3%A4?%C3%B6=%C3%BC", None),
        ("ws://h/a%2Fb%20c", "h", 80, "/a%2Fb%20c", "h"),
    ],
)
def test_parses(url: str, host: str, port: int, target: str, authority: str | None) -> None:
    """Host, port and target as they are needed for resolver, ``Host`` and request line."""
    address = parse_address(url)
    assert (address.host, address.port, address.target) == (host, port, target)
    assert address.authority == (authority or host)
    assert address.secure == url.lower().startswith("wss:")
    assert address.origin == (address.scheme, host, port)


@pytest.mark.parametrize(
    ("url", "userinfo"),
    [
        ("ws://h/", None),
        ("ws://bob@h/", ("bob", "")),
        ("ws://bob:pw@h/", ("bob", "pw")),
        ("ws://b%40b:p%3Aw%2F@h/", ("b@b", "p:w/")),
        ("ws://b:a:c@h/", ("b", "a:c")),
        ("ws://:pw@h/", ("", "pw")),
    ],
)
def test_userinfo_is_decoded(url: str, userinfo: tuple[str, str] | None) -> None:
    """User and password are percent-decoded; the password may be missing."""
    assert parse_address(url).userinfo == userinfo


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "http://example.com/",
        "https://example.com/",
        "ws:/example.com",
        "ws://",
        "ws:///path",
        "ws://:80/",
        "ws://h:0/",
        "ws://h:65536/",
        "ws://h:port/",
        "ws://h:-1/",
        "ws://h/#fragment",
        "ws://h/#",
        "ws://h/a b",
        "ws://h/\r\nEvil: yes",
        "ws://h\n/",
        "ws://h/\t",
        "ws://h/\0",
        " ws://h/",
        "ws://[::1/",
        "ws://[zz]/",
        "ws://[v1.a:b]/",
        "ws://[1:2]/",
        "ws://[fe80::1%]/",
        "ws://[::1]x/",
        "ws://[::1]x:80/",
        "ws://[::1].example/",
        "ws://x[::1]/",
        "ws://::1/",
        "ws://exa mple/",
        "ws://exa<mple/",
        "ws://a..b/",
        f"ws://{'a' * 64}.example/",
        "ws://b%3Ab:pw@h/",
        "ws://b%ff:pw@h/",
        "ws://h\\@evil/",
    ],
)
def test_refuses(url: str) -> None:
    """Unusable URLs are an AddressError that says why, not an exception of urllib."""
    with pytest.raises(AddressError) as caught:
        parse_address(url)
    error = caught.value
    assert (error.kind, error.retryable, error.blame) == ("address", False, "local")
    assert error.hint


def test_refuses_what_is_no_string() -> None:
    """A URL as bytes is a mistake that is named."""
    with pytest.raises(AddressError, match="not a string"):
        parse_address(b"ws://h/")  # type: ignore[arg-type]  # the very thing tested


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("wss://feed.example/ws", "wss://feed.example/ws"),
        ("wss://bob:pw@feed.example:8443/ws", "wss://feed.example:8443/ws"),
        ("wss://h/ws?token=abc&x=1", "wss://h/ws?token=…&x=…"),
        ("wss://h/ws?abc", "wss://h/ws?…"),
        ("wss://h/ws?", "wss://h/ws?…"),
        ("wss://h/ws#abc", "wss://h/ws"),
        ("wss://h/@user/feed", "wss://h/@user/feed"),
        ("wss://u:p/w@h/x", "wss://h/x"),
        ("bob:pw@h/x", "h/x"),
        ("wss://h/ws/pqia91ma19a5s61cv6a81va65sdf19v8", "wss://h/ws/…"),
        ("wss://h/streams/btcusdt@depth", "wss://h/streams/btcusdt@depth"),
        ("wss://h/\r\n\x1b[31m", "wss://h/___[31m"),
        ("wss://h/" + "ab/" * 100, "wss://h/" + "ab/" * 63 + "ab…"),
        ("", ""),
    ],
)
def test_redacts(url: str, shown: str) -> None:
    """User, password, query values, fragments and keys in the path go; the rest helps."""
    assert redact(url) == shown


def test_str_and_repr_are_redacted() -> None:
    """An address never shows its secrets, however it is printed."""
    address = parse_address(f"wss://bob:{SECRET}@h:1/ws?token={SECRET}")
    for shown in (str(address), repr(address), f"{address}", f"{[address]}"):
        assert SECRET not in shown
        assert "wss://h:1/ws?token=…" in shown
    assert address.userinfo == ("bob", SECRET)


@pytest.mark.parametrize(
    "url",
    [
        f"http://bob:{SECRET}@h/",
        f"wss://bob:{SECRET}@h:port/?token={SECRET}",
        f"wss://bob:{SECRET}@[::1/",
        f"wss://h/?token={SECRET}#x",
        f"wss://bob:{SECRET}@h/\n?token={SECRET}",
        f"bob:{SECRET}@h",
    ],
)
def test_errors_about_urls_hide_secrets(url: str) -> None:
    """Text, repr and the whole chain of an AddressError are free of secrets."""
    with pytest.raises(AddressError) as caught:
        parse_address(url)
    error = caught.value
    assert SECRET not in f"{error} {error!r} {error.where} {error.args}"
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


@given(st.text())
def test_any_text_can_be_redacted_and_refused(text: str) -> None:
    """`redact` takes any string; `parse_address` raises nothing but AddressError."""
    shown = redact(text)
    assert shown.isprintable()
    assert len(shown) <= 200
    with contextlib.suppress(AddressError):
        parse_address(text)


@given(st.text(min_size=1), st.text(min_size=1))
def test_quoted_secrets_never_show(password: str, token: str) -> None:
    """Whatever a password or a token is made of, once quoted it is not shown."""
    marked = [f"<<{part}>>" for part in (password, token)]
    first, second = (urllib.parse.quote(part, safe="", errors="replace") for part in marked)
    shown = redact(f"wss://bob:{first}@h/ws?token={second}")
    assert shown == "wss://h/ws?token=…"


def test_host_port_brackets_ipv6() -> None:
    """An IPv6 address needs brackets in front of a port."""
    assert host_port("::1", 80) == "[::1]:80"
    assert host_port("h", 80) == "h:80"
