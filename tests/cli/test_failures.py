"""How a command fails: exit codes, the line for a person, the record for a program."""

from __future__ import annotations

import json

import pytest

from longwire import cli
from longwire.cli.failures import WrongUsage, exit_code, fail, json_line
from longwire.errors import (
    AddressError,
    ClientClosed,
    ConnectError,
    GaveUp,
    HandshakeRejected,
    LongwireError,
    TLSError,
)

Output = pytest.CaptureFixture[str]

TABLE: list[tuple[LongwireError | WrongUsage, str, int | None, int]] = [
    (LongwireError("something failed"), "longwire-error", None, 1),
    (ClientClosed("closed"), "client-closed", None, 1),
    (ConnectError("refused", kind="refused", retryable=True), "refused", None, 3),
    (HandshakeRejected(status=403, headers={}, body=b"", retryable=False), "rejected", 403, 3),
    (TLSError("expired", problem="expired", retryable=False), "tls", None, 3),
    (AddressError("no such host", kind="dns", retryable=True), "dns", None, 3),
    (AddressError("not a ws URL", kind="address", retryable=False), "address", None, 2),
    (GaveUp("an interruption"), "gave-up", None, 3),
    (WrongUsage("nothing to send"), "wrong-usage", None, 2),
]


@pytest.mark.parametrize(("error", "kind", "status", "code"), TABLE)
def test_a_failure_is_a_line_and_a_record(
    capsys: Output, error: LongwireError | WrongUsage, kind: str, status: int | None, code: int
) -> None:
    """The record says in fields what the line says in words."""
    assert exit_code(error) == code
    assert fail(error, as_json=True) == code
    output = capsys.readouterr()
    assert output.err == f"longwire: {error}\n"
    record = json.loads(output.out)
    assert (record["event"], record["kind"], record["status"]) == ("error", kind, status)
    assert record["exit_code"] == code
    assert record["at_ms"] > 0
    if isinstance(error, LongwireError):
        assert (record["what"], record["hint"]) == (error.what, error.hint)
        assert (record["blame"], record["retryable"]) == (error.blame, error.retryable)
    assert fail(error, as_json=False) == code
    assert capsys.readouterr().out == ""


def test_what_a_server_asks_for_is_in_the_record(capsys: Output) -> None:
    """Retry-After in milliseconds, as every time in JSON."""
    error = HandshakeRejected(status=429, headers={}, body=b"", retryable=True, retry_after=7.0)
    fail(error, as_json=True)
    assert json.loads(capsys.readouterr().out)["retry_after_ms"] == 7000.0


def test_what_a_peer_said_can_command_no_terminal(capsys: Output) -> None:
    """Neither in the line nor in the record."""
    fail(LongwireError("closed with \x1b[2J\x7f\u202e"), as_json=True)
    output = capsys.readouterr()
    assert all(" " <= character <= "~" for character in (output.out + output.err).replace("\n", ""))
    assert json.loads(output.out)["what"] == "closed with \x1b[2J\x7f\u202e"


def test_a_record_is_one_line() -> None:
    """Whatever is in it."""
    assert json_line({"text": "a\nb\x7f"}) == '{"text": "a\\nb\\u007f"}'


@pytest.mark.parametrize("words", [["nonsense"], ["send", "--nonsense"], ["listen"]])
def test_a_command_line_that_cannot_be_understood(capsys: Output, words: list[str]) -> None:
    """argparse says on stderr how it is used; the record says what was wrong."""
    assert cli.main([*words, "--json"]) == 2
    output = capsys.readouterr()
    assert "usage: longwire" in output.err
    record = json.loads(output.out)
    assert (record["event"], record["kind"], record["exit_code"]) == ("error", "wrong-usage", 2)
    assert record["what"] in output.err
