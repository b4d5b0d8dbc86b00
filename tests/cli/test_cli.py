"""The command line: which module runs, what is printed where, which exit code comes out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from longwire import cli
from longwire.errors import (
    AddressError,
    ClientClosed,
    ConnectError,
    GaveUp,
    HandshakeRejected,
    LongwireError,
)
from longwire.version import __version__

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


class FakeCommand(ModuleType):
    """A command's module that does what the test says."""

    HELP = "does what the test says"

    def __init__(self, name: str, action: Callable[[argparse.Namespace], int]) -> None:
        super().__init__(f"longwire.cli.{name}")
        self.NAME = name
        self.action = action

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--word", default="none")

    def run(self, arguments: argparse.Namespace) -> int:
        return self.action(arguments)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], int]], FakeCommand]:
    """Puts a fake in the place of the command ``send``."""

    def replace(action: Callable[[Any], int]) -> FakeCommand:
        fake = FakeCommand("send", action)
        monkeypatch.setitem(sys.modules, "longwire.cli.send", fake)
        return fake

    return replace


def raising(error: BaseException) -> Callable[[Any], int]:
    """An action that raises."""

    def action(_: Any) -> int:
        raise error

    return action


def test_the_command_gets_its_arguments_and_gives_the_exit_code(command: Any) -> None:
    """What ``run`` returns is what ``main`` returns."""
    command(lambda arguments: len(arguments.word))
    assert cli.main(["send", "--word", "hello"]) == 5


def test_only_the_chosen_command_is_imported(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running one command imports no other."""
    command(lambda _: 0)
    imported = []

    def spy(name: str) -> ModuleType:
        imported.append(name)
        return sys.modules[name]

    monkeypatch.setattr(cli, "import_module", spy)
    assert cli.main(["send"]) == 0
    assert imported == ["longwire.cli.send"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LongwireError("something failed"), 1),
        (ClientClosed("closed"), 1),
        (ConnectError("refused", kind="refused", retryable=True), 3),
        (HandshakeRejected(status=403, headers={}, body=b"", retryable=False), 3),
        (AddressError("no such host", kind="dns", retryable=True), 3),
        (AddressError("not a ws URL", kind="address", retryable=False), 2),
        (GaveUp("an interruption"), 3),
    ],
)
def test_errors_are_one_message_on_stderr(
    command: Any, capsys: pytest.CaptureFixture[str], error: LongwireError, code: int
) -> None:
    """An error is told in one line on stderr, without a traceback, and has its exit code."""
    command(raising(error))
    assert cli.main(["send"]) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == f"longwire: {error}\n"


def test_what_a_peer_put_into_an_error_is_escaped(
    command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error's text may quote the peer; it cannot command the terminal."""
    command(raising(LongwireError("closed with \x1b[2J")))
    cli.main(["send"])
    assert capsys.readouterr().err == "longwire: closed with \\x1b[2J.\n"


def test_ctrl_c_ends_quietly(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is exit code 130, and no traceback."""
    command(raising(KeyboardInterrupt()))
    assert cli.main(["send"]) == 130
    assert capsys.readouterr().err == ""


def test_other_errors_are_not_hidden(command: Any) -> None:
    """A defect of ours keeps its traceback."""
    command(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["send"])


def test_a_missing_rich_is_named(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that needs rich, where it is not installed, says what to install."""
    command(raising(ModuleNotFoundError("No module named 'rich'", name="rich.live")))
    assert cli.main(["send"]) == 2
    assert "longwire[cli]" in capsys.readouterr().err


def test_a_missing_module_of_our_own_is_not_hidden(command: Any) -> None:
    """Any other missing module is a defect, and keeps its traceback."""
    command(raising(ModuleNotFoundError("No module named 'other'", name="other")))
    with pytest.raises(ModuleNotFoundError):
        cli.main(["send"])


@pytest.mark.parametrize("words", [[], ["nonsense"], ["send", "--nonsense"]])
def test_wrong_usage_is_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """No command, an unknown one, or an unknown option: exit code 2, and how to use it."""
    for name in cli.COMMANDS:
        fake = FakeCommand(name, lambda _: 0)
        monkeypatch.setitem(sys.modules, f"longwire.cli.{name}", fake)
    assert cli.main(words) == 2
    assert "usage: longwire" in capsys.readouterr().err


def test_help_lists_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--help`` names each command with what it does."""
    for name in cli.COMMANDS:
        fake = FakeCommand(name, lambda _: 0)
        monkeypatch.setitem(sys.modules, f"longwire.cli.{name}", fake)
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in cli.COMMANDS)


def test_every_listed_command_is_a_module_that_fits(capsys: pytest.CaptureFixture[str]) -> None:
    """The list names real modules, each with NAME, HELP and its arguments."""
    for name in cli.COMMANDS:
        assert cli.main([name, "--help"]) == 0
        assert f"usage: longwire {name}" in capsys.readouterr().out


def test_the_process_s_own_arguments_are_the_default(
    command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ``argv`` the arguments are those of the process."""
    command(lambda _: 7)
    monkeypatch.setattr(sys, "argv", ["longwire", "send"])
    assert cli.main() == 7


def test_python_m_longwire_is_the_command_line() -> None:
    """``python -m longwire --version`` prints the version and which form runs."""
    run = subprocess.run(
        [sys.executable, "-m", "longwire", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith(f"longwire {__version__} (")


def test_a_reader_that_goes_away_is_no_crash() -> None:
    """Output into a closed pipe ends with 141 and says nothing."""
    program = (
        "import sys; from types import ModuleType; from longwire import cli\n"
        "fake = ModuleType('longwire.cli.send'); fake.NAME = 'send'; fake.HELP = ''\n"
        "fake.add_arguments = lambda parser: None\n"
        "def run(arguments):\n"
        "    while True: print('x' * 1000)\n"
        "fake.run = run; sys.modules['longwire.cli.send'] = fake\n"
        "sys.exit(cli.main(['send']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1000)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_no_crash() -> None:
    """It is said in one line, and the exit code is that of a failure."""
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [sys.executable, "-m", "longwire", "causes", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert run.returncode == 1
    assert run.stderr == "longwire: cannot write: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="it needs a shell that can close its output")
def test_an_output_that_is_closed_is_no_crash() -> None:
    """As a daemon's may be."""
    run = subprocess.run(
        ["sh", "-c", '"$0" -m longwire chaos --scenarios >&-', sys.executable],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
