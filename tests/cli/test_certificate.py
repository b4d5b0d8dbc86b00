"""The certificate of a command that serves: taken from its files, or a word why not."""

from __future__ import annotations

import argparse
import ssl
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization

from longwire.cli.certificate import add_certificate_arguments, certificate_context
from longwire.cli.failures import WrongUsage

if TYPE_CHECKING:
    from pathlib import Path

    import trustme


def context(*words: object) -> ssl.SSLContext | None:
    """What a command makes of these words."""
    parser = argparse.ArgumentParser()
    add_certificate_arguments(parser)
    return certificate_context(parser.parse_args([str(word) for word in words]))


def test_without_them_there_is_no_tls() -> None:
    """Then the URL is ws://."""
    assert context() is None


def test_one_file_or_two(tmp_path: Path, certificate_authority: trustme.CA) -> None:
    """The key may stand in the certificate's file."""
    issued = certificate_authority.issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    assert isinstance(context("--tls-cert", tmp_path / "both.pem"), ssl.SSLContext)
    two = ("--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem")
    assert isinstance(context(*two), ssl.SSLContext)


def test_what_cannot_be_used(tmp_path: Path, certificate_authority: trustme.CA) -> None:
    """It is said, and nobody is asked for a password."""
    issued = certificate_authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    (tmp_path / "foreign.pem").write_text("hello\n")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        )
    )
    wrong: dict[str, tuple[object, ...]] = {
        "--tls-key needs --tls-cert": ("--tls-key", tmp_path / "key.pem"),
        "No such file": ("--tls-cert", tmp_path / "none.pem"),
        "cannot be used: ": ("--tls-cert", tmp_path / "foreign.pem"),
        "--tls-key is encrypted": (
            "--tls-cert",
            tmp_path / "cert.pem",
            "--tls-key",
            tmp_path / "key.pem",
        ),
    }
    for said, words in wrong.items():
        with pytest.raises(WrongUsage, match=said):
            context(*words)
