"""Settings from the nearest ``pyproject.toml``: its section ``[tool.longwire.lint]``."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Confidence, Severity
from longwire.lint.selection import check_prefixes
from longwire.lint.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.lint.settings import Overrides

FILE: Final = "pyproject.toml"
SECTION: Final = "tool.longwire.lint"


class SettingsError(ValueError):
    """A configuration cannot be meant. Its text names the file and the key."""


def read_settings(file: Path) -> Settings | None:
    """The settings in a ``pyproject.toml``; None, if the linter is not mentioned there.

    Raises:
        SettingsError: they cannot be meant, or the file cannot be read.
    """
    try:
        source = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
    if b"longwire" not in source:
        return None  # whatever is in it, be it TOML or not, is not for us
    try:
        table: Any = tomllib.loads(source.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error
    way = ""
    for key in SECTION.split("."):
        way = f"{way}.{key}".lstrip(".")
        if key not in table:
            return None
        table = table[key]
        if not isinstance(table, dict):
            raise SettingsError(f"{file}: [{way}] is to be a table, and is {_kind(table)}")
    return _settings(file, table)


def _settings(file: Path, table: dict[str, Any]) -> Settings:
    read: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{file}: [{SECTION}] {key}"
        if key not in _READERS:
            raise SettingsError(f"{where}: there is no such key{_meant(key)}")
        try:
            read[key.replace("-", "_")] = _READERS[key](value)
        except ValueError as error:
            raise SettingsError(f"{where}: {error}") from error
    return Settings(root=file.parent, **read)


def _meant(key: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - needed by nobody who spells well

    near = get_close_matches(key.replace("_", "-"), _READERS)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(_READERS)}"


def _kind(value: object) -> str:
    names = {dict: "a table", list: "a list", str: "a string", bool: "a truth value"}
    return names.get(type(value), f"{value!r}")


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"is to be a list of strings, and is {_kind(value)}")  # noqa: TRY004
    for one in value:
        if not isinstance(one, str):
            raise ValueError(f"is to be a list of strings, and has {_kind(one)} in it")  # noqa: TRY004
    return tuple(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"is to be a string, and is {_kind(value)}")  # noqa: TRY004
    return value


def _rules(value: object) -> tuple[str, ...]:
    prefixes = _texts(value)
    check_prefixes(prefixes, ALL_RULES)
    return prefixes


def _rules_by_pattern(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ValueError(f"is to be a table of lists, and is {_kind(value)}")  # noqa: TRY004
    found = {}
    for pattern, rules in value.items():
        try:
            found[pattern] = _rules(rules)
        except ValueError as error:
            raise ValueError(f"{pattern!r} {error}") from error
    return found


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"is to be true or false, and is {_kind(value)}")  # noqa: TRY004
    return value


def confidence(value: object) -> Confidence:
    """A confidence by its name.

    Raises:
        ValueError: there is none of that name.
    """
    names = [one.name.lower() for one in Confidence]
    if value not in names:
        raise ValueError(f"is to be one of {', '.join(names)}, and is {value!r}")
    return Confidence[str(value).upper()]


def severity(value: object) -> Severity:
    """A severity by its name.

    Raises:
        ValueError: there is none of that name.
    """
    if value not in list(Severity):
        raise ValueError(f"is to be one of {', '.join(Severity)}, and is {value!r}")
    return Severity(str(value))


_READERS: Final[dict[str, Callable[[object], object]]] = {
    "select": _rules,
    "ignore": _rules,
    "exclude": _texts,
    "per-file-ignores": _rules_by_pattern,
    "confidence": confidence,
    "severity": severity,
    "fail-on": severity,
    "baseline": _text,
    "gitignore": _truth,
}
"""The keys of the section, and how each is read."""


class Configuration:
    """Which settings hold where: those of the nearest ``pyproject.toml`` that has any.

    Args:
        overrides: What comes before them.
        fixed: The settings for everything; None: look for them.
    """

    def __init__(self, overrides: Overrides, fixed: Settings | None = None) -> None:
        self._overrides = overrides
        self._fixed = None if fixed is None else overrides.over(fixed)
        self._known: dict[str, Settings] = {}
        self._default = overrides.over(Settings(root=Path.cwd()))

    def at(self, directory: str) -> Settings:
        """The settings of a directory.

        Args:
            directory: An absolute path.

        Raises:
            SettingsError: those that hold there cannot be meant.
        """
        if self._fixed is not None:
            return self._fixed
        if directory not in self._known:
            self._known[directory] = self._find(directory)
        return self._known[directory]

    def _find(self, directory: str) -> Settings:
        file = os.path.join(directory, FILE)  # noqa: PTH118 - for each directory of a tree
        if os.path.isfile(file):  # noqa: PTH113 - likewise
            settings = read_settings(Path(file))
            if settings is not None:
                return self._overrides.over(settings)
        above = os.path.dirname(directory)  # noqa: PTH120 - likewise
        return self._default if above == directory else self.at(above)
