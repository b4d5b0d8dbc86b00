"""Proxies: their URLs, and which one the environment has for an address."""

from __future__ import annotations

import ssl
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.errors import AddressError
from longwire.link.address import parse_address
from longwire.link.proxy import Proxy, proxy_from_environment
from longwire.link.tls import TLS

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://proxy.example", "http://proxy.example:80"),
        ("https://proxy.example", "https://proxy.example:443"),
        ("HTTP://Proxy.Example:3128/", "http://proxy.example:3128"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("proxy.example", "http://proxy.example:80"),
        ("http://proxy.example:80", "http://proxy.example:80"),
        ("socks4://10.0.0.1", "socks4://10.0.0.1:1080"),
        ("socks4a://p", "socks4a://p:1080"),
        ("socks5://p:80", "socks5://p:80"),
        ("socks5h://bob:s3cr3t@[::1]:9050", "socks5h://[::1]:9050"),
        ("http://bob:s3cr3t@proxy.example", "http://proxy.example:80"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    """Each scheme with its usual port; neither user nor password is shown."""
    proxy = Proxy(url)
    assert str(proxy) == shown
    assert repr(proxy) == f"Proxy({shown})"
    assert proxy.userinfo == (("bob", SECRET) if "bob" in url else None)
    assert proxy == Proxy(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://proxy.example",
        "ws://proxy.example",
        "http://",
        "http://proxy.example:0",
        "http://proxy.example:99999",
        "http://proxy.example/path",
        "http://proxy.example?x",
        "http://proxy.example#x",
        "http://proxy.example\r\nX-Evil: y",
        "http://bob:s3cr3t@proxy example",
        "http://bo%3ab:s3cr3t@proxy.example",
        "socks5://bob:s3cr3t%c3%a9@proxy.example",
        f"socks5://bob:s3cr3t{'x' * 255}@proxy.example",
        "socks4://bo%00b:s3cr3t@proxy.example",
    ],
)
def test_what_is_no_proxys_url(url: str) -> None:
    """It is told at once, without its secrets."""
    with pytest.raises(AddressError) as caught:
        Proxy(url)
    assert (caught.value.kind, caught.value.retryable) == ("address", False)
    assert "proxy" in caught.value.what
    assert SECRET not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


@given(st.text())
def test_any_text_is_a_proxy_or_an_error(text: str) -> None:
    """Nothing else comes out, and nothing that could break a line."""
    try:
        shown = str(Proxy(text))
    except AddressError as error:
        shown = str(error)
    assert shown.isprintable()


def test_trust_in_a_proxy() -> None:
    """Only where there is TLS with it."""
    assert Proxy("https://p", tls=TLS(context=ssl.create_default_context())).secure
    with pytest.raises(ValueError, match="https"):
        Proxy("http://p", tls=ssl.create_default_context())
    wrong: Any = True
    with pytest.raises(TypeError, match=r"Proxy\.tls"):
        Proxy("https://p", tls=wrong)
    with pytest.raises(TypeError, match="URL"):
        Proxy(wrong)


# ---------------------------------------------------------------- the environment


def found(url: str = "wss://feed.example/") -> str:
    """What the environment has for it, shown."""
    proxy = proxy_from_environment(parse_address(url))
    return "" if proxy is None else f"{proxy} {proxy.variable}"


def test_an_empty_environment_has_none() -> None:
    """Not even the module that would read it is loaded."""
    assert found() == ""
    program = (
        "import sys; from longwire.link.address import parse_address\n"
        "from longwire.link.proxy import proxy_from_environment\n"
        "proxy_from_environment(parse_address('ws://h/')); print('urllib.request' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("variables", "secure", "plain"),
    [
        ({"HTTPS_PROXY": "http://a"}, "http://a:80 https_proxy", "http://a:80 https_proxy"),
        ({"https_proxy": "a:1"}, "http://a:1 https_proxy", "http://a:1 https_proxy"),
        ({"http_proxy": "a:1"}, "", "http://a:1 http_proxy"),
        ({"all_proxy": "socks5h://a"}, "socks5h://a:1080 all_proxy", "socks5h://a:1080 all_proxy"),
        ({"socks_proxy": "http://a:1"}, "socks5h://a:1 socks_proxy", "socks5h://a:1 socks_proxy"),
        ({"socks_proxy": "a:1"}, "socks5h://a:1 socks_proxy", "socks5h://a:1 socks_proxy"),
        (
            {"WSS_PROXY": "b", "https_proxy": "a"},
            "http://b:80 wss_proxy",
            "http://a:80 https_proxy",
        ),
        ({"ws_proxy": "b:1", "http_proxy": "a:1"}, "", "http://b:1 ws_proxy"),
        ({"https_proxy": "a:1", "http_proxy": "b"}, *["http://a:1 https_proxy"] * 2),
        ({"https_proxy": "a:1", "no_proxy": "feed.example"}, "", ""),
        ({"https_proxy": "a:1", "NO_PROXY": ".example"}, "", ""),
        ({"https_proxy": "a:1", "no_proxy": "*"}, "", ""),
        ({"https_proxy": "a:1", "no_proxy": "feed.example:443"}, "", "http://a:1 https_proxy"),
        ({"https_proxy": ""}, "", ""),
    ],
)  # fmt: skip
def test_which_one_the_environment_has(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], secure: str, plain: str
) -> None:
    """SOCKS before HTTPS before HTTP (RFC 6455, 4.1), those of WebSocket's own name first."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert found("wss://feed.example/") == secure
    assert found("ws://feed.example/") == plain


def test_addresses_that_are_excepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also an IPv6 address, with a zone or without."""
    monkeypatch.setenv("https_proxy", "a:1")
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1,::1,fe80::1")
    for host in ("localhost", "127.0.0.1:8080", "[::1]", "[::1]:8080", "[fe80::1%25lo]"):
        assert found(f"wss://{host}/") == ""
    assert found("wss://127.0.0.2/")


def test_networks_that_are_excepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As curl and Go read them; what is no network is passed over, and a name is in none."""
    monkeypatch.setenv("https_proxy", "a:1")
    monkeypatch.setenv("no_proxy", "example/path, 10.0.0.0/8,192.168.7.1/16 ,fd00::/8, 1.2.3.4/99")
    for host in ("10.1.2.3", "192.168.200.9:8080", "[fd12::1]"):
        assert found(f"wss://{host}/") == ""
    for host in ("11.1.2.3", "1.2.3.4", "[fe80::1]", "ten.example"):
        assert found(f"wss://{host}/")


def test_one_that_is_unusable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variable is named, and the way out; its secret is not."""
    monkeypatch.setenv("HTTPS_PROXY", f"ftp://bob:{SECRET}@proxy.example")
    with pytest.raises(AddressError) as caught:
        found()
    assert "https_proxy in the environment" in caught.value.what
    assert "proxy=None" in caught.value.hint
    assert SECRET not in f"{caught.value} {caught.value.__cause__}"
