"""What is found in a document that an editor holds: as `longwire lint` finds it in the file."""

from __future__ import annotations

import io
import os
import tokenize
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from longwire.lint.discovery import Finder
from longwire.lint.languages import LANGUAGES, PYTHON, language_of
from longwire.lint.lines import lines_with_ends
from longwire.lint.run import configuration_of, run
from longwire.lint.settings import Settings

if TYPE_CHECKING:
    from longwire.lint.check import Defect
    from longwire.lint.finding import Finding
    from longwire.lint.run import Options


class Looked(NamedTuple):
    """What is known of a version of a document.

    Attributes:
        path: Of its file, relative to the current directory where it is below.
        source: As its file would hold it.
        findings: Those to show.
        defects: Mistakes of our own.
        selected: Ids of the rules that are wanted there.
    """

    path: str
    source: bytes
    findings: tuple[Finding, ...] = ()
    defects: tuple[Defect, ...] = ()
    selected: frozenset[str] = frozenset()

    @property
    def lines(self) -> list[str]:
        """Its lines, with their ends."""
        try:
            text = (language_of(self.path) or PYTHON).decode(self.source)
        except SyntaxError:  # a finding itself; an editor shows the text all the same
            text = self.source.decode(errors="surrogatepass")
        return lines_with_ends(text)


def look_at(path: str, text: str, options: Options) -> Looked:
    """What is to be shown of a document.

    Raises:
        SettingsError, BaselineError: a file of ours cannot be used.
    """
    source = _encoded(path, text)
    configuration = configuration_of(options)
    settings = configuration.at(os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH120
    # As for a whole directory: what is excluded is not looked at, though it is opened.
    finder = Finder(
        configuration, Settings(root=Path.cwd(), exclude=options.exclude), force_exclude=True
    )
    if os.path.lexists(path) and not any(finder.find([path])):
        return Looked(path, source)
    outcome = run((), replace(options, stdin=(path, source)))
    return Looked(
        path,
        source,
        tuple(outcome.findings),
        tuple(outcome.defects),
        settings.selected(path),
    )


def path_of(uri: str, language: str) -> str | None:
    """The path of a document; None, if it is in no language that we read.

    Args:
        uri: As the editor names it.
        language: What the editor takes it for, such as ``"python"``.
    """
    parts = urlsplit(uri)
    path = unquote(parts.path) or "untitled"
    if os.name == "nt":
        path = path.lstrip("/")
    known = language_of(path)
    if known is None:
        known = next((one for one in LANGUAGES.values() if one.name.lower() == language), None)
        if known is None:
            return None
        path += known.suffixes[0]
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def _encoded(path: str, text: str) -> bytes:
    """A text as its file would hold it, in the encoding that it says."""
    source = text.encode(errors="surrogatepass")
    if (language_of(path) or PYTHON) is not PYTHON:
        return source
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        encoded = text.encode(encoding)
        return encoded if PYTHON.decode(encoded) == text else source
    except (SyntaxError, UnicodeError, LookupError):
        return source
