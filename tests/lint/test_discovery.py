"""Which files are found."""

from __future__ import annotations

import inspect
import os
import sys
from pathlib import Path

import pytest

from longwire.lint.discovery import Finder
from longwire.lint.pyproject import Configuration
from longwire.lint.settings import Overrides, Settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test is in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*paths: str, text: str = "") -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)


def finder(*exclude: str, force_exclude: bool = False, gitignore: bool | None = None) -> Finder:
    configuration = Configuration(Overrides(gitignore=gitignore))
    return Finder(
        configuration, Settings(root=Path.cwd(), exclude=exclude), force_exclude=force_exclude
    )


def find(*paths: str, by: Finder | None = None) -> list[str]:
    return [Path(one.path).as_posix() for one in (by or finder()).find(paths)]


def test_files_of_a_directory() -> None:
    """By their suffixes, in the order of names, files before what is deeper."""
    make("b.py", "a.py", "c/d.py", "c/e/f.pyw", "g.pyi", "README.md", "c.txt")
    assert find(".") == ["a.py", "b.py", "c/d.py", "c/e/f.pyw"]


def test_paths_are_shown_as_they_are_given() -> None:
    """Relative to here or not, without needless parts."""
    make("src/a.py")
    assert find("./src/") == ["src/a.py"]
    assert find("src/../src/a.py") == ["src/a.py"]
    absolute = Path("src/a.py").absolute()
    assert find(str(absolute)) == [absolute.as_posix()]


def test_a_file_that_is_given_is_always_taken() -> None:
    """Whatever it is called, and wherever it is; as Python, where the name does not say."""
    make("script", "build/a.py", "a.pyi")
    found = list(finder().find(["script", "build/a.py", "a.pyi"]))
    assert [one.language.name for one in found] == ["Python"] * 3


def test_each_file_comes_once() -> None:
    """However many ways lead to it."""
    make("src/a.py", "src/b.py")
    assert find("src/b.py", "src", ".", "./src/a.py") == ["src/b.py", "src/a.py"]


def test_nothing_at_a_path() -> None:
    """Is told before anything is checked."""
    with pytest.raises(FileNotFoundError, match=r"^none\.py$"):
        find("none.py")


@pytest.mark.parametrize(
    "name",
    [
        ".git",
        "node_modules",
        "__pycache__",
        "build",
        "dist",
        "site-packages",
        ".tox",
    ],
)
def test_what_others_wrote_or_a_machine_made(name: str) -> None:
    """Is passed over; but not where it is given."""
    make(f"{name}/a.py", f"deep/{name}/a.py", f"{name}.py")
    assert find(".") == [f"{name}.py"]
    assert find(name) == [f"{name}/a.py"]


def test_environments_and_caches_are_known_by_what_is_in_them() -> None:
    """Whatever they are called: Cargo, for one, marks its ``target``."""
    make(
        "my-env/pyvenv.cfg",
        "my-env/lib/a.py",
        "target/CACHEDIR.TAG",
        "target/b.py",
        "x/target/c.py",
    )
    assert find(".") == ["x/target/c.py"]


def test_what_git_ignores() -> None:
    """Is passed over: by the files of all directories, the nearest having the last word."""
    Path(".git").mkdir()
    make(".gitignore", text="generated/\n*_pb2.py\n!keep_pb2.py\n/top.py\n")
    make("src/.gitignore", text="local.py\n!top_pb2.py\n")
    make("generated/a.py", "src/generated/a.py", "src/x_pb2.py", "src/keep_pb2.py", "top.py")
    make("src/top.py", "src/local.py", "local.py", "src/top_pb2.py")
    assert find(".") == ["local.py", "src/keep_pb2.py", "src/top.py", "src/top_pb2.py"]
    assert find("src") == ["src/keep_pb2.py", "src/top.py", "src/top_pb2.py"]
    assert "top.py" in find(".", by=finder(gitignore=False))


def test_what_a_repository_ignores_for_itself() -> None:
    """Is passed over unless a file among the sources says otherwise; in a worktree as well."""
    make("main/.git/info/exclude", text="mine_*.py\nscratch/\n")
    make("main/.git/worktrees/w/commondir", text="../..\n")
    make("w/.git", text=f"gitdir: {Path('main/.git/worktrees/w').resolve()}\n")
    for tree in ("main", "w"):
        make(
            f"{tree}/mine_a.py", f"{tree}/src/mine_b.py", f"{tree}/src/c.py", f"{tree}/scratch/d.py"
        )
        make(f"{tree}/src/.gitignore", text="!mine_b.py\n")
        assert find(tree) == [f"{tree}/src/c.py", f"{tree}/src/mine_b.py"]
        assert find(f"{tree}/src") == [f"{tree}/src/c.py", f"{tree}/src/mine_b.py"]


def test_a_gitignore_above_the_repository_does_not_count() -> None:
    """Nor any above, where there is no repository."""
    make(".gitignore", text="a.py\n")
    make("project/src/a.py", "project/src/.gitignore")
    assert find("project/src") == ["project/src/a.py"]
    Path("project/.git").mkdir()
    assert find("project/src") == ["project/src/a.py"]


def test_what_is_configured_to_be_excluded() -> None:
    """Relative to the configuration; given files are taken all the same, unless that is forced."""
    make("p/pyproject.toml", text='[tool.longwire.lint]\nexclude = ["/gen", "*_old.py"]\n')
    make("p/gen/a.py", "p/src/gen/b.py", "p/src/c_old.py", "gen/d.py")
    assert find(".") == ["gen/d.py", "p/src/gen/b.py"]
    given = ["p/gen/a.py", "p/src/c_old.py", "gen/d.py"]
    assert find(*given) == given
    assert find(*given, by=finder(force_exclude=True)) == ["gen/d.py"]
    assert find("p/gen", by=finder(force_exclude=True)) == []


def test_what_the_command_line_excludes() -> None:
    """Besides, and relative to here."""
    make("a/b.py", "a/c/d.py", "e.py")
    assert find(".", by=finder("a/c")) == ["e.py", "a/b.py"]
    assert find(".", by=finder("*.py", "!e.py")) == ["e.py"]


def test_settings_are_those_of_the_nearest_file() -> None:
    """For each file, in one walk."""
    make("pyproject.toml", text='[tool.longwire.lint]\nselect = ["LW1"]\n')
    make("inner/pyproject.toml", text='[tool.longwire.lint]\nselect = ["LW101"]\n')
    make("a.py", "inner/deep/b.py")
    assert [one.settings.select for one in finder().find(["."])] == [("LW1",), ("LW101",)]


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_links() -> None:
    """A directory behind one is not walked into, as it may lead in a circle; a given one is."""
    make("real/a.py")
    Path("real/again").symlink_to("../real")
    Path("link").symlink_to("real")
    Path("file.py").symlink_to("real/a.py")
    Path("broken.py").symlink_to("nowhere.py")
    assert find(".") == ["file.py", "real/a.py"]
    assert find("link") == ["link/a.py"]
    assert find("broken.py") == ["broken.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_what_is_no_file() -> None:
    """Reading a pipe would wait for ever."""
    os.mkfifo("pipe.py")
    Path("directory.py").mkdir()
    assert find(".") == []


def test_a_directory_that_cannot_be_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told, and the others are walked through."""
    make("closed/a.py", "open/b.py")
    scan = os.scandir

    def refusing(path: str) -> object:
        if path == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    closed, opened = finder().find(["."])
    assert isinstance(closed.error, PermissionError)
    assert (closed.path, Path(opened.path).as_posix()) == ("closed", "open/b.py")


def test_a_very_deep_directory() -> None:
    """Is walked through without recursion."""
    deep = Path(*["d"] * 200)
    deep.mkdir(parents=True)
    (deep / "a.py").touch()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        assert find(".") == [(deep / "a.py").as_posix()]
    finally:
        sys.setrecursionlimit(limit)
