"""The options that every command has which connects somewhere."""

from __future__ import annotations

import argparse
import ssl
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.cli.connection import (
    add_connection_arguments,
    connection_options,
    count,
    seconds,
    seconds_or_none,
)
from longwire.cli.failures import WrongUsage
from longwire.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import trustme

URL = "wss://feed.example/ws"


def parsed(*words: str) -> argparse.Namespace:
    """What a command gets."""
    parser = argparse.ArgumentParser()
    add_connection_arguments(parser)
    return parser.parse_args([URL, *words])


def test_nothing_asked_for_is_nothing_special() -> None:
    """The options of `connect` and `dial`, with their own defaults."""
    assert parsed().url == URL
    assert connection_options(parsed()) == {
        "headers": [],
        "origin": None,
        "subprotocols": (),
        "compression": "deflate",
        "user_agent": f"longwire/{longwire.__version__}",
        "open_timeout": 10.0,
        "proxy": True,
        "unix": None,
        "tls": None,
    }


def test_everything_is_passed_on() -> None:
    """What may be repeated keeps its order; blanks around a header's parts are no part of them."""
    words = ["--header", "X-A:  1 ", "--header", "x-a: 2:3", "--origin", "https://a.example"]
    words += ["--subprotocol", "b", "--subprotocol", "a", "--no-compression", "--open-timeout", "3"]
    options = connection_options(parsed(*words))
    assert options["headers"] == [("X-A", "1"), ("x-a", "2:3")]
    assert options["origin"] == "https://a.example"
    assert options["subprotocols"] == ("b", "a")
    assert options["compression"] is None
    assert options["open_timeout"] == 3.0


@pytest.mark.parametrize("text", ["s3cret", ": s3cret", "  : s3cret"])
def test_a_header_without_a_name_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And not repeated: it may be the secret itself, and terminals remember."""
    with pytest.raises(SystemExit):
        parsed("--header", text)
    error = capsys.readouterr().err
    assert "write it as 'Name: value'" in error
    assert "s3cret" not in error


def test_a_file_of_authorities(certificate_authority: trustme.CA, tmp_path: Path) -> None:
    """They are trusted, and they alone; certificates and names are checked as ever."""
    file = tmp_path / "authority.pem"
    certificate_authority.cert_pem.write_to_path(file)
    context = connection_options(parsed("--cafile", str(file)))["tls"].ready
    assert isinstance(context, ssl.SSLContext)
    assert len(context.get_ca_certs()) == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_any_certificate_only_when_asked() -> None:
    """--insecure checks nothing."""
    context = connection_options(parsed("--insecure"))["tls"].ready
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_cannot_be_used(content: str | None, tmp_path: Path) -> None:
    """Missing, or no certificate: wrong usage, by the name of the option."""
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(AddressError, match="--ca") as caught:
        connection_options(parsed("--cafile", str(file)))
    assert (caught.value.kind, caught.value.blame) == ("address", "local")
    assert isinstance(caught.value.__cause__, OSError)


def test_ways() -> None:
    """A proxy, none whatever the environment says, a Unix socket; and what we call ourselves."""
    proxied = connection_options(parsed("--proxy", "socks5h://p", "--user-agent", "me"))
    assert (proxied["proxy"], proxied["user_agent"]) == ("socks5h://p", "me")
    direct = connection_options(parsed("--proxy", "none", "--user-agent", ""))
    assert (direct["proxy"], direct["user_agent"]) == (None, None)
    assert connection_options(parsed("--unix", "/run/s"))["unix"] == "/run/s"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--proxy", "http://p", "--unix", "/s"], "proxy= and unix="),
        (["--unix", "/" + "x" * 200], "107 bytes"),
        (["--user-agent", "a\r\nX-Evil: y"], "user_agent"),
        (["--header", "X: a\r\nX-Evil: y"], "header X"),
        (["--origin", "a\nb"], "origin"),
    ],
)
def test_what_cannot_be_meant(words: list[str], says: str) -> None:
    """Is wrong usage, told in a line and not as a crash."""
    with pytest.raises(WrongUsage, match=says):
        connection_options(parsed(*words))


def test_a_proxy_that_is_none() -> None:
    """Is wrong usage, too; its password is not repeated."""
    with pytest.raises(AddressError, match="proxy") as caught:
        connection_options(parsed("--proxy", "ftp://bob:s3cret@p"))
    assert "s3cret" not in str(caught.value)


def test_a_certificate_of_our_own(certificate_authority: trustme.CA, tmp_path: Path) -> None:
    """With the name to ask for; with --insecure they are kept."""
    client = certificate_authority.issue_cert("client.example")
    chain, key = tmp_path / "client.pem", tmp_path / "client.key"
    chain.write_bytes(b"".join(blob.bytes() for blob in client.cert_chain_pems))
    client.private_key_pem.write_to_path(key)
    words = ["--cert", str(chain), "--key", str(key), "--server-name", "other.example"]
    tls = connection_options(parsed(*words))["tls"]
    assert (tls.certificate, tls.key) == (str(chain), str(key))
    assert tls.server_name == "other.example"
    assert connection_options(parsed(*words, "--insecure"))["tls"].server_name == "other.example"
    with pytest.raises(AddressError, match="--key needs --cert"):
        connection_options(parsed("--key", str(key)))


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (seconds, "0.5", 0.5),
        (seconds, "1e3", 1000.0),
        (seconds_or_none, "0", None),
        (seconds_or_none, " 0.0 ", None),
        (seconds_or_none, "none", None),
        (seconds_or_none, "2", 2.0),
        (count, "12", 12),
    ],
)
def test_numbers(read: Callable[[str], Any], text: str, value: Any) -> None:
    """As a person writes them."""
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [(seconds, each) for each in ("0", "-1", "nan", "inf", "soon", "")]
    + [(seconds_or_none, "-1")]
    + [(count, each) for each in ("0", "-1", "1.5", "x", "")],
)
def test_no_numbers(read: Callable[[str], Any], text: str) -> None:
    """What makes no sense is refused, and the message shows it."""
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        read(text)
    assert repr(text) in str(caught.value)
