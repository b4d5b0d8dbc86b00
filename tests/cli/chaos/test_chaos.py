"""``longwire chaos``: what it lists, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from longwire.cli import main

if TYPE_CHECKING:
    from pathlib import Path

TO = ["--to", "ws://127.0.0.1:1/"]


def test_help_tells_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Each group of options, and the exit codes."""
    assert main(["chaos", "--help"]) == 0
    told = capsys.readouterr().out
    for option in ("--faults", "--listen", "--to", "--fault", "--scenario", "--control", "--for"):
        assert f"  {option}" in told
    assert "Ctrl-C is the ordinary end" in told


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "--to URL says which server"),
        (["--to", "http://x/"], "the URL's scheme is not ws or wss"),
        ([*TO, "--fault", "rest"], "did you mean reset?"),
        ([*TO, "--fault", "drop-every n=x"], "n: "),
        ([*TO, "--scenario", "deplo"], "no scenario is called 'deplo'"),
        ([*TO, "--scenario", "missing.toml"], "missing.toml"),
        ([*TO, "--speed", "2"], "--speed needs a --scenario"),
        ([*TO, "--listen", "127.0.0.1"], "is no place to listen at"),
        ([*TO, "--listen", "127.0.0.1:99999"], "is no place to listen at"),
        ([*TO, "--control", "0.0.0.0:1"], "may be reached from other machines"),
        ([*TO, "--kernel", "loss=5"], "--kernel: loss: '5' is not a share such as 5%"),
        ([*TO, "--kernel", "loss=500%"], "--kernel: loss: '500%' is more than all of it"),
        ([*TO, "--kernel", "loss=5%", "--listen", "0.0.0.0:1"], "write --listen PORT"),
        ([*TO, "--tls-key", "key.pem"], "--tls-key needs --tls-cert"),
        ([*TO, "--tls-cert", "missing.pem"], "--tls-cert and --tls-key cannot be used"),
        ([*TO, "--tls-cert", __file__], "cannot be used: they are not in PEM format"),
        ([*TO, "--to-insecure"], "are for a server at wss://"),
        (["--to", "wss://x/", "--to-ca", "missing.pem"], "--to-ca missing.pem cannot be used"),
        ([*TO, "--log", "missing/chaos.log"], "--log: "),
        (["--fault-help", "nothing"], "no fault is called 'nothing'"),
    ],
)
def test_wrong_usage(
    arguments: list[str],
    why: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Exit code 2, before anything listens, with the reason; with --json as a record, too."""
    monkeypatch.chdir(tmp_path)
    assert main(["chaos", *arguments]) == 2
    output = capsys.readouterr()
    assert why in output.err
    assert output.out == ""
    assert main(["chaos", "--json", *arguments]) == 2
    record = json.loads(capsys.readouterr().out)
    assert (record["event"], record["exit_code"]) == ("error", 2)


def test_a_secret_of_the_url_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Not where the URL cannot be used either."""
    assert main(["chaos", "--to", "http://user:hunter2@x/?token=hunter3"]) == 2
    assert "hunter" not in capsys.readouterr().err
