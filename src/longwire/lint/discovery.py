"""Which files are to be checked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.globs import Patterns
from longwire.lint.languages import PYTHON, Language, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longwire.lint.pyproject import Configuration
    from longwire.lint.settings import Settings

PASSED_OVER: Final = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        "__pycache__",
        "__pypackages__",
        "_build",
        "build",
        "dist",
        "node_modules",
        "site-packages",
    }
)
"""Names of directories that hold what others wrote, or what a machine made."""
_TELLTALES: Final = ("pyvenv.cfg", "CACHEDIR.TAG")
"""Files by which an environment, or a cache (Cargo's ``target`` among them), is known."""


class Found(NamedTuple):
    """A file to check.

    Attributes:
        path: To open and to show.
        language: What it is written in.
        settings: What is wanted there.
        error: Why it, or a directory of that name, cannot be looked into.
    """

    path: str
    language: Language
    settings: Settings
    error: OSError | None = None


class Finder:
    """Finds files.

    Args:
        configuration: What is wanted where.
        exclude: Besides what is configured: patterns relative to a directory.
        force_exclude: Paths that are given by name can be excluded, too.
    """

    def __init__(
        self, configuration: Configuration, exclude: Settings, *, force_exclude: bool = False
    ) -> None:
        self._configuration = configuration
        self._exclude = exclude
        self._force = force_exclude

    def find(self, paths: Iterable[str]) -> Iterator[Found]:
        """The files that paths lead to: a file, whatever it is called, or all in a directory.

        Each comes once, in the order of the paths, then of names.

        Raises:
            FileNotFoundError: there is nothing at a path.
            SettingsError: a configuration cannot be meant.
        """
        seen: set[str] = set()
        for path in paths:
            for one in self._at(path):
                absolute = os.path.abspath(one.path)  # noqa: PTH100 - links are not followed here
                if absolute not in seen:
                    seen.add(absolute)
                    yield one

    def _at(self, path: str) -> Iterator[Found]:
        path = os.path.normpath(path)
        if os.path.isdir(path):  # noqa: PTH112 - paths are strings here
            yield from self._directory_given(path)
            return
        if not os.path.lexists(path):
            raise FileNotFoundError(path)
        settings = self.settings(path)
        if not (self._force and self._is_excluded(path, settings)):
            yield Found(path, language_of(path) or PYTHON, settings)

    def settings(self, path: str) -> Settings:
        """What is wanted of a file.

        Raises:
            SettingsError: it cannot be meant.
        """
        return self._configuration.at(os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH120

    def _is_excluded(self, path: str, settings: Settings, *, is_directory: bool = False) -> bool:
        return settings.excludes(path, is_directory=is_directory) or self._exclude.excludes(
            path, is_directory=is_directory
        )

    def _directory_given(self, path: str) -> Iterator[Found]:
        absolute = os.path.abspath(path)  # noqa: PTH100 - links are not followed here
        settings = self._configuration.at(absolute)
        if self._force and self._is_excluded(path, settings, is_directory=True):
            return
        above = list(_ignored_above(absolute)) if settings.gitignore else []
        yield from self._walk(path, absolute, above)

    def _walk(self, path: str, absolute: str, above: list[_GitIgnore]) -> Iterator[Found]:
        waiting = [(path, absolute, above)]
        while waiting:
            path, absolute, above = waiting.pop()
            settings = self._configuration.at(absolute)
            try:
                with os.scandir(path) as entries:
                    inside = sorted(entries, key=lambda one: one.name)
            except OSError as error:
                yield Found(path, PYTHON, settings, error)
                continue
            ignored = above
            if settings.gitignore and any(one.name == ".gitignore" for one in inside):
                ignored = [*above, _GitIgnore(absolute)]
            place = _Place(path, absolute, settings, ignored)
            yield from self._files(inside, place)
            # The last one is taken first.
            waiting += reversed(list(self._directories(inside, place)))

    def _files(self, inside: list[os.DirEntry[str]], place: _Place) -> Iterator[Found]:
        for entry in inside:
            language = language_of(entry.name)
            if language is None or not _is_file(entry):
                continue
            shown, whole = place.within(entry)
            if place.git_ignores(whole) or self._is_excluded(shown, place.settings):
                continue
            yield Found(shown, language, place.settings)

    def _directories(
        self, inside: list[os.DirEntry[str]], place: _Place
    ) -> Iterator[tuple[str, str, list[_GitIgnore]]]:
        for entry in inside:
            if entry.name in PASSED_OVER or not _is_directory(entry):
                continue
            shown, whole = place.within(entry)
            if (
                not any(os.path.exists(os.path.join(whole, one)) for one in _TELLTALES)  # noqa: PTH110, PTH118
                and not place.git_ignores(whole, is_directory=True)
                and not self._is_excluded(shown, place.settings, is_directory=True)
            ):
                yield shown, whole, place.ignored


class _Place(NamedTuple):
    """A directory that is walked through."""

    shown: str
    absolute: str
    settings: Settings
    ignored: list[_GitIgnore]

    def within(self, entry: os.DirEntry[str]) -> tuple[str, str]:
        """What is shown of something in it, and the whole path."""
        shown = entry.name if self.shown == "." else entry.path
        return shown, os.path.join(self.absolute, entry.name)  # noqa: PTH118 - for each of a tree

    def git_ignores(self, absolute: str, *, is_directory: bool = False) -> bool:
        if not self.settings.gitignore:
            return False
        verdicts = (
            one.verdict(absolute, is_directory=is_directory) for one in reversed(self.ignored)
        )
        return bool(next((one for one in verdicts if one is not None), False))


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


class _GitIgnore:
    """The ``.gitignore`` of a directory. One that cannot be read ignores nothing.

    Args:
        directory: What its patterns are relative to.
        file: Another one with such patterns.
    """

    def __init__(self, directory: str, file: Path | None = None) -> None:
        self._prefix = len(directory.rstrip(os.sep)) + 1
        try:
            text = (file or Path(directory, ".gitignore")).read_text("utf-8", errors="replace")
        except OSError:
            text = ""
        self.patterns = Patterns(text.splitlines())

    def verdict(self, absolute: str, *, is_directory: bool) -> bool | None:
        relative = absolute[self._prefix :].replace(os.sep, "/")
        return self.patterns.verdict(relative, is_directory=is_directory)


def _ignored_above(directory: str) -> Iterator[_GitIgnore]:
    """What is ignored above a directory: by the files there, up to the top of its repository.

    First comes what the repository keeps for itself, in ``.git/info/exclude``.
    """
    above = Path(directory)
    way: list[Path] = []
    while not (above / ".git").exists():
        if above.parent == above:
            return  # in no repository
        above = above.parent
        way.append(above)
    yield _GitIgnore(str(above), _own_directory(above / ".git") / "info" / "exclude")
    for one in reversed(way):
        yield _GitIgnore(str(one))


def _own_directory(git: Path) -> Path:
    """Where a repository keeps its own files; a worktree names the place in a file."""
    try:
        kept = git.parent / git.read_text("utf-8").removeprefix("gitdir:").strip()
        return kept / (kept / "commondir").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return git
