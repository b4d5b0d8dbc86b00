"""What the documentation shows is true: programs, names, links, exit codes, commands."""

from __future__ import annotations

import ast
import dataclasses
import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest

import longwire
from longwire import cli
from longwire.chaos import FAULTS, parse_strike
from longwire.chaos.scenario import load_scenario
from longwire.lint.pyproject import read_settings
from longwire.lint.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PROGRAMS = [
    pytest.param(program, id=f"{page.relative_to(ROOT)}-{number}")
    for page in PAGES
    for number, program in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    )
] + [pytest.param(path.read_text(), id=path.name) for path in (ROOT / "examples").glob("*.py")]


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_are_programs(program: str) -> None:
    """Each program compiles, and what it takes from longwire is public."""
    tree = ast.parse(program)
    compile(tree, "<documentation>", "exec")
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "longwire"
    }
    assert used <= set(longwire.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    """Each ``longwire COMMAND`` that a page names in a line of shell is a command."""
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL))
    named = re.findall(r"^longwire (\w+)", shell, re.MULTILINE)
    assert set(named) <= set(cli.COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    """Each relative link names a file that is here, or a page that the build makes."""
    made_by_the_build = {"causes.md", "lifecycle.md"}
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    missing = [
        target
        for target in targets
        if target not in made_by_the_build and not (page.parent / target).exists()
    ]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_faults_that_pages_show_are_faults(page: Path) -> None:
    """Each line with a fault and options can be parsed."""
    text = page.read_text()
    for line in re.findall(rf"[\"`]((?:{'|'.join(FAULTS)}) [^\"`]*=[^\"`]*)[\"`]", text):
        assert parse_strike(line).name in line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_scenarios_that_pages_show_are_scenarios(page: Path, tmp_path: Path) -> None:
    """Each can be loaded."""
    blocks = re.findall(r"(?:^    .*\n|^\n)+", page.read_text(), re.MULTILINE)
    for number, block in enumerate(one for one in blocks if "[[fault]]" in one):
        file = tmp_path / f"{number}.toml"
        file.write_text(textwrap.dedent(block))
        assert load_scenario(file).steps


def test_pages_show_faults_and_a_scenario() -> None:
    """Otherwise the tests above would see nothing."""
    assert "`drop-every n=3 " in (ROOT / "docs" / "faults.md").read_text()
    assert "\n    [[fault]]\n" in (ROOT / "docs" / "chaos.md").read_text()


def test_exit_codes_are_told_as_they_are() -> None:
    """The table of exit codes has each code of the command line, and no other."""
    table = (ROOT / "docs" / "errors.md").read_text().partition("## Exit codes")[2]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    codes = {cli.FINDING, cli.USAGE, cli.NOT_CONNECTED, cli.DEFECT, cli.INTERRUPTED, cli.NO_READER}
    assert told == {0} | codes


def test_the_make_targets_that_pages_name_exist() -> None:
    """Each ``make TARGET`` in a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(
            r"(?:`|^)(?:LONGWIRE_PURE=1 )?make ([a-z-]+)", page.read_text(), re.MULTILINE
        )
    }
    assert named <= targets


def test_the_settings_of_the_linter_that_are_shown(tmp_path: Path) -> None:
    """Can be read, and are the defaults where the page says so."""
    text = (ROOT / "docs" / "lint.md").read_text()
    block = text[text.index("    [tool.longwire.lint]") : text.index("\nAbove are the defaults")]
    (tmp_path / "pyproject.toml").write_text(textwrap.dedent(block))
    shown = read_settings(tmp_path / "pyproject.toml")
    assert shown is not None
    assert shown.per_file_ignores
    own: dict[str, Any] = {"ignore": (), "exclude": (), "baseline": None, "per_file_ignores": {}}
    assert dataclasses.replace(shown, **own) == Settings(root=tmp_path)


def test_the_hook_is_the_linter_with_its_parser() -> None:
    """What pre-commit runs can be run, and it installs what the extra does."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert "entry: longwire lint --force-exclude\n" in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = ", ".join(f'"{one}"' for one in project["optional-dependencies"]["lint"])
    assert f"additional_dependencies: [{extra}]\n" in text
