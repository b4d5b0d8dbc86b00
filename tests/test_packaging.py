"""The build: compiled where that can be, pure Python with one warning where it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from longwire.link.hot import HOT_MODULES
from longwire.version import __version__

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
COMPILER = (sysconfig.get_config_var("CC") or "cc").split()[0]

TINY = """\
import cython


@cython.ccall
def double_of(n: cython.int) -> cython.int:
    return 2 * n
"""

HOT_FILES = [f"{name.replace('.', '/')}.py" for name in HOT_MODULES]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree like ours, with hot modules that compile fast."""
    source = tmp_path / "src" / "longwire"
    for room in ("link", "client"):
        (source / room).mkdir(parents=True)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    package = ROOT / "src" / "longwire"
    for name in (
        "__init__.py",
        "version.py",
        "link/__init__.py",
        "link/hot.py",
        "client/__init__.py",
    ):
        shutil.copy(package / name, source / name)
    for hot in HOT_FILES:
        (source / hot).write_text(TINY)
    return tmp_path


def build(tree: Path, **environment: str) -> tuple[str, set[str]]:
    """Build in the tree. Returns what was printed, and the suffixes of the hot modules' files."""
    run = subprocess.run(
        [sys.executable, "setup.py", "-q", "build", "--build-lib", "out"],
        cwd=tree,
        env={**os.environ, "LONGWIRE_PURE": "", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    built = tree / "out" / "longwire"
    found = [{f.suffix for f in built.glob(f"{hot.removesuffix('.py')}.*")} for hot in HOT_FILES]
    assert all(suffixes == found[0] for suffixes in found), "all are compiled, or none"
    return run.stdout, found[0]


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.skipif(shutil.which(COMPILER) is None, reason="no C compiler on this machine")
def test_compiles_and_ships_the_sources_too(tree: Path) -> None:
    """With a C compiler: extension modules beside their Python files, and no warning."""
    output, suffixes = build(tree)
    assert "WARNING: longwire" not in output
    assert suffixes == {".py", ".so"}
    # A later build without a compiler must not ship the extension modules of this one.
    for hot in HOT_FILES:
        (tree / "src" / "longwire" / hot).write_text(TINY + "\nCHANGED = 1\n")
    output, suffixes = build(tree, CC="/bin/false")
    assert output.count("WARNING: longwire") == 1
    assert suffixes == {".py"}


@pytest.mark.timeout(120)
def test_without_a_compiler_warns_once_and_goes_on(tree: Path) -> None:
    """A C compiler that fails means pure Python and exactly one warning that says what to do."""
    output, suffixes = build(tree, CC="/bin/false")
    assert output.count("WARNING: longwire") == 1
    assert "install\n         a C compiler" in output
    assert suffixes == {".py"}


@pytest.mark.timeout(120)
def test_without_cython_warns_once_and_goes_on(tree: Path) -> None:
    """Cython that cannot be imported means pure Python and exactly one warning."""
    broken = tree / "broken" / "Cython"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('Cython is broken')")
    output, suffixes = build(tree, PYTHONPATH=str(broken.parent))
    assert output.count("WARNING: longwire") == 1
    assert "(Cython is broken)" in output
    assert suffixes == {".py"}


@pytest.mark.timeout(120)
def test_pure_python_on_request_is_silent(tree: Path) -> None:
    """``LONGWIRE_PURE=1`` at build time compiles nothing and has nothing to warn of."""
    output, suffixes = build(tree, LONGWIRE_PURE="1", CC="/bin/false")
    assert "WARNING" not in output
    assert suffixes == {".py"}


def test_the_build_group_is_what_the_build_requires() -> None:
    """The Makefile builds with the group; pip with build-system.requires: the same."""
    assert PROJECT["dependency-groups"]["build"] == PROJECT["build-system"]["requires"]


def test_the_extra_all_is_all() -> None:
    """The extra ``all`` has every other extra in it."""
    extras = PROJECT["project"]["optional-dependencies"]
    others = ",".join(sorted(set(extras) - {"all"}))
    assert extras["all"] == [f"longwire[{others}]"]


def test_the_version_is_in_the_changelog() -> None:
    """The changelog knows the version that the package says it is."""
    assert f"[{__version__}]" in (ROOT / "CHANGELOG.md").read_text()
