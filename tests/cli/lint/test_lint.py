"""``longwire lint`` as its users run it, on real files; in part in a process of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from longwire.cli import main

SLEEPS = "import time, websockets\n\nasync def reader(ws):\n    time.sleep(1)\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test is in a directory of its own, with one faulty program."""
    monkeypatch.chdir(tmp_path)
    Path("feed.py").write_text(SLEEPS)
    return tmp_path


Run = subprocess.CompletedProcess[str]


def process(*words: str, stdin: str = "") -> Run:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "longwire", "lint", *words],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def lint(*words: str) -> Run:
    """The same in this process, which is quicker."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["lint", *words])
    return Run(words, code, out.getvalue(), err.getvalue())


def test_findings_are_exit_code_1() -> None:
    """And are told on standard output, with their source, and counted."""
    run = process()
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout.startswith("feed.py:4:5: LW111 time.sleep stops the whole event loop")
    assert "\n4 |     time.sleep(1)\n  |     ^^^^^^^^^^^^^\n  = help: " in run.stdout
    assert run.stdout.endswith("\nFound 1 error in 1 file\n")


def test_nothing_found_is_0() -> None:
    """Whether because all is well or because there is nothing to read."""
    Path("feed.py").write_text("import websockets\n")
    run = lint()
    assert (run.returncode, run.stdout) == (0, "Found nothing in 1 file\n")
    Path("feed.py").unlink()
    run = lint()
    assert run.returncode == 0
    assert "no files" in run.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["none.py"], "there is no none.py"),
        (["--select", "LW9"], "--select: no rule's id begins with 'LW9'"),
        (["--ignore", "LW1,nonsense"], "--ignore: no rule's id begins with 'nonsense'"),
        (["--confidence", "sure"], "invalid choice: 'sure'"),
        (["--jobs", "0"], "--jobs is to be 1 or more"),
        (["-", "feed.py"], "- is standard input, and can be the only path"),
        (["--baseline", "none.json"], "none.json: No such file"),
        (["--write-baseline"], "--baseline"),
        (["--config", "none.toml"], "none.toml: No such file"),
        (["--config", "feed.py"], "feed.py: there is no [tool.longwire.lint] in it"),
        (["--statistics", "--format", "sarif"], "--statistics does not go with --format sarif"),
        (["--output", "no/where"], "--output: "),
        (["--explain", "nonsense"], "there is no rule 'nonsense'"),
    ],
)
def test_wrong_usage_is_2(words: list[str], text: str) -> None:
    """Told in one line, without a traceback."""
    run = lint(*words)
    assert run.returncode == 2
    assert text in run.stderr
    assert "Traceback" not in run.stderr


def test_wrong_usage_in_a_process() -> None:
    """Nothing of it is lost on the way."""
    run = process("none.py")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "longwire lint: there is no none.py\n"


def test_a_configuration_that_cannot_be_meant_is_2() -> None:
    """With the file and the key; as a record, too, where JSON is wanted."""
    Path("pyproject.toml").write_text("[tool.longwire.lint]\nselect = 'LW1'\n")
    run = lint("--json")
    assert run.returncode == 2
    assert "pyproject.toml: [tool.longwire.lint] select: is to be a list of strings" in run.stderr
    assert json.loads(run.stdout)["kind"] == "wrong-usage"


def test_json() -> None:
    """One document, the same with either option."""
    run = process("--json")
    told = json.loads(run.stdout)
    assert run.returncode == 1
    assert told["findings"][0]["rule"] == "LW111"
    assert json.loads(process("--format", "json").stdout) == told


def test_sarif_into_a_file() -> None:
    """For a code host."""
    run = lint("--format", "sarif", "--output", "out.sarif")
    assert (run.returncode, run.stdout) == (1, "")
    log: Any = json.loads(Path("out.sarif").read_text())
    assert log["version"] == "2.1.0"
    assert log["runs"][0]["results"][0]["ruleId"] == "LW111"


def test_github() -> None:
    """A command for each finding."""
    run = lint("--format", "github")
    assert run.stdout.startswith("::error file=feed.py,line=4,endLine=4,col=5,endColumn=18,title=")


def test_concise_and_statistics() -> None:
    """Less to read."""
    assert lint("--format", "concise").stdout.count("\n") == 2
    assert lint("--statistics").stdout == "1  LW111  blocking-sleep\nFound 1 error in 1 file\n"
    told = json.loads(lint("--statistics", "--json").stdout)
    assert (told["statistics"], told["findings"]) == ({"LW111": 1}, [])


def test_standard_input() -> None:
    """As an editor hands it over."""
    run = process("-", "--stdin-filename", "src/other.py", "--format", "concise", stdin=SLEEPS)
    assert run.returncode == 1
    assert run.stdout.startswith("src/other.py:4:5: LW111 ")


def test_what_is_selected() -> None:
    """By ids, or by what they begin with; several options add up."""
    assert lint("--select", "LW101").returncode == 0
    assert lint("--select", "LW101", "--select", "LW11").returncode == 1
    assert lint("--ignore", "LW101,LW111").returncode == 0


def test_what_is_excluded() -> None:
    """Even a given file, where that is forced, as a hook of pre-commit does."""
    assert lint("--exclude", "feed.py").returncode == 0
    assert lint("feed.py", "--exclude", "feed.py").returncode == 1
    assert lint("feed.py", "--exclude", "feed.py", "--force-exclude").returncode == 0
    Path(".git").mkdir()
    Path(".gitignore").write_text("feed.py\n")
    assert lint().returncode == 0
    assert lint("--no-gitignore").returncode == 1


def test_what_fails() -> None:
    """Only what is at least as bad as is said."""
    Path("feed.py").write_text("import websockets  # longwire: ignore[LW111]\n")
    assert lint().returncode == 1
    run = lint("--fail-on", "error")
    assert run.returncode == 0
    assert "LW001" in run.stdout


def test_a_baseline() -> None:
    """Written once, then only what is new is told."""
    run = lint("--baseline", "known.json", "--write-baseline")
    assert (run.returncode, run.stdout) == (0, "The baseline now knows 1 finding in 1 file\n")
    Path("feed.py").write_text("\n\n" + SLEEPS)
    run = lint("--baseline", "known.json")
    assert (run.returncode, run.stdout) == (0, "Found nothing in 1 file; 1 known by the baseline\n")
    Path("feed.py").write_text(SLEEPS + "    time.sleep(2)\n")
    assert lint("--baseline", "known.json").returncode == 1


def test_files_that_cannot_be_read() -> None:
    """Are findings, so a run over them is no success; nothing crashes."""
    Path("feed.py").write_bytes(b"import websockets\n\x00")
    Path("latin.py").write_bytes(b"import websockets\n# \xe4\n")
    Path("deep.py").write_text("import websockets\nx = " + "(" * 900 + ")" * 900)
    Path("gone.py").symlink_to("nowhere.py")
    run = process("feed.py", "latin.py", "deep.py", "gone.py", "--format", "concise")
    assert run.returncode == 1
    assert run.stderr == ""
    assert [line.split(" ")[1] for line in run.stdout.splitlines()[:4]] == ["LW000"] * 4


def test_what_a_terminal_would_obey() -> None:
    """Is escaped, whether it is in a name, in the source or in an error."""
    name = "a\x1b[2J.py"
    Path(name).write_text(SLEEPS + "    time.sleep(1)  # \x1b[31m\u202e\n")
    for words in ([], ["--format", "github"], ["--json"], ["--format", "sarif"]):
        run = lint(name, *words)
        assert run.returncode == 1
        assert "\x1b" not in run.stdout
        assert "\u202e" not in run.stdout
    assert "\x1b" not in lint("b\x1b[2J.py").stderr


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
def test_names_of_files_that_are_no_text() -> None:
    """Are shown with escapes, in every format."""
    name = os.fsdecode(b"a\xff.py")
    Path(name).write_text(SLEEPS)
    Path("feed.py").unlink()
    run = process("--format", "concise")
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout.startswith("a\\udcff.py:4:5: ")
    for words in (["--format", "github"], ["--json"], ["--output", "out"]):
        assert lint(*words).returncode == 1
    assert '"uri": "a%FF.py"' in lint("--format", "sarif").stdout
    assert lint("--baseline", "known.json", "--write-baseline").returncode == 0
    assert lint("--baseline", "known.json").returncode == 0


def test_a_rule_that_fails_is_70() -> None:
    """Told as our defect, with the rule and the file; what others find is told as always."""
    program = (
        "import sys\n"
        "from longwire.lint import catalogue\n"
        "def broken(file):\n"
        "    raise LookupError('no such thing')\n"
        "rule = catalogue.PYTHON_RULES['LW101']._replace(check=broken)\n"
        "from longwire.lint import languages\n"
        "broken = languages.PYTHON._replace("
        "rules={**languages.PYTHON.rules, 'LW101': rule})\n"
        "from longwire.lint import check\n"
        "check.LANGUAGES = {'Python': broken}\n"
        "from longwire.cli import main\n"
        "sys.exit(main(['lint', 'feed.py', '--no-cache', *sys.argv[1:]]))\n"
    )
    for words in ([], ["--json"]):
        run = subprocess.run(
            [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
        )
        assert run.returncode == 70
        assert "LW111" in run.stdout
        assert "rule LW101 failed in feed.py: LookupError: no such thing" in run.stderr
        assert "defect of longwire, not of your program" in run.stderr


def test_nobody_reads_the_output_any_more() -> None:
    """No traceback, then."""
    with subprocess.Popen(
        [sys.executable, "-m", "longwire", "lint", "--rules"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_causes_know_the_rules() -> None:
    """``longwire causes`` and ``explain`` show what covers a cause."""
    run = subprocess.run(
        [sys.executable, "-m", "longwire", "explain", "blocked-event-loop"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "LW111" in run.stdout.partition("Covered by")[2]
