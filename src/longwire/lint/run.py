"""One run: from paths to what is found there, for whoever shows it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.baseline import Baseline, BaselineError, Entry
from longwire.lint.cache import NAME, Cache, key
from longwire.lint.check import Checked, Defect, Task, is_worth_it, unreadable
from longwire.lint.discovery import Finder, Found
from longwire.lint.languages import PYTHON, language_of
from longwire.lint.pyproject import SECTION, Configuration, SettingsError, read_settings
from longwire.lint.settings import Overrides, Settings, is_as_bad
from longwire.lint.suppression import settle
from longwire.lint.workers import check_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from longwire.lint.finding import Finding


_NO_OVERRIDES: Final = Overrides()


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to run.

    Attributes:
        overrides: What comes before every configuration.
        exclude: Patterns of paths to pass over, relative to the current directory.
        force_exclude: Files that are given by name can be excluded, too.
        config: The one file with settings; None: the nearest for each file.
        isolated: No configuration is read.
        jobs: Processes at once; None: as many as pay.
        cache: Where results are kept; None: beside the nearest configuration, or here.
        no_cache: They are not.
        baseline: The file with known findings; None: as configured.
        write_baseline: Write it, in place of reading it.
        stdin: A name and a source, checked in place of files.
    """

    overrides: Overrides = _NO_OVERRIDES
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    config: Path | None = None
    isolated: bool = False
    jobs: int | None = None
    cache: Path | None = None
    no_cache: bool = False
    baseline: Path | None = None
    write_baseline: bool = False
    stdin: tuple[str, bytes] | None = None


class Source(NamedTuple):
    """What was read of a file, for whoever shows or fixes it.

    Attributes:
        lines: Without what ends them.
        raw: All of it.
        selected: Ids of the rules that are wanted there.
    """

    lines: list[str]
    raw: bytes = b""
    selected: frozenset[str] = frozenset()

    def line(self, number: int) -> str:
        """One of them, from 1; empty where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(kw_only=True)
class Outcome:
    """What came of a run.

    Attributes:
        findings: Those to show, in the order of the files.
        failing: How many of them make the run fail.
        defects: Mistakes of our own.
        files: How many were looked at.
        ignored: Findings that comments ignore.
        known: Findings of the baseline.
        stale: Entries of the baseline that were not found.
        written: Findings that are now in the baseline; None: it was not written.
        sources: The files with findings.
        fixed: How many findings were fixed before this run.
    """

    findings: list[Finding] = field(default_factory=list)
    failing: int = 0
    defects: list[Defect] = field(default_factory=list)
    files: int = 0
    ignored: int = 0
    known: int = 0
    stale: list[Entry] = field(default_factory=list)
    written: int | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    fixed: int = 0

    def line(self, one: Finding) -> str:
        """The text of the line of a finding."""
        source = self.sources.get(one.path)
        return "" if source is None else source.line(one.line)


def run(paths: Sequence[str], options: Options) -> Outcome:
    """Check everything that paths lead to.

    Raises:
        FileNotFoundError: there is nothing at one of them.
        SettingsError, BaselineError: a file of ours cannot be used.
    """
    configuration = configuration_of(options)
    here = configuration.at(str(Path.cwd()))
    finder = Finder(
        configuration,
        Settings(root=Path.cwd(), exclude=options.exclude),
        force_exclude=options.force_exclude,
    )
    if options.stdin is None:
        found = [_read(one) for one in finder.find(paths)]
    else:
        name, source = options.stdin
        found = [_Read(Found(name, language_of(name) or PYTHON, finder.settings(name)), source)]
    outcome = Outcome(files=sum(one.found.error is None for one in found))
    _fill(outcome, found, _check(found, _cache(options, here), options.jobs))
    _compare(outcome, options, here, [one.found.path for one in found])
    bars = {one.found.path: one.found.settings.fail_on for one in found}
    outcome.failing = sum(is_as_bad(one.severity, bars[one.path]) for one in outcome.findings)
    return outcome


class _Read(NamedTuple):
    found: Found
    source: bytes | None
    error: OSError | None = None


def configuration_of(options: Options) -> Configuration:
    """Which settings hold where.

    Raises:
        SettingsError: the file that is to be used cannot be.
    """
    return Configuration(options.overrides, _fixed(options))


def _fixed(options: Options) -> Settings | None:
    if options.isolated:
        return Settings(root=Path.cwd())
    if options.config is None:
        return None
    settings = read_settings(options.config)
    if settings is None:
        raise SettingsError(f"{options.config}: there is no [{SECTION}] in it")
    return settings


def _cache(options: Options, here: Settings) -> Cache | None:
    if options.no_cache or options.stdin is not None:
        return None
    return Cache(options.cache or here.root / NAME)


def _read(found: Found) -> _Read:
    if found.error is not None:
        return _Read(found, None, found.error)
    try:
        with open(found.path, "rb") as file:  # noqa: PTH123 - paths are strings here
            source = file.read()
    except OSError as error:
        return _Read(found, None, error)
    # Most files of most projects have nothing to do with WebSockets, and need not be kept.
    return _Read(found, source if is_worth_it(found.language, source) else b"")


def _check(found: Sequence[_Read], cache: Cache | None, jobs: int | None) -> Iterator[Checked]:
    """What is known of each, in order: from earlier runs, or as it is found now."""
    known: list[Checked | None] = []
    tasks: list[Task] = []
    for one in found:
        checked, task = _known(one, cache)
        known.append(checked)
        if task is not None:
            tasks.append(task)
    fresh = check_all(tasks, jobs)
    if cache is not None:
        for task, checked in zip(tasks, fresh, strict=True):
            cache.put(key(task), checked)
        cache.save()
    later = iter(fresh)
    return (next(later) if one is None else one for one in known)


def _known(one: _Read, cache: Cache | None) -> tuple[Checked | None, Task | None]:
    if one.source is None:
        error = one.error or OSError()
        return Checked(findings=unreadable(error)), None
    if not one.source:
        return Checked(), None
    task = Task(one.found.language.name, one.source, one.found.path)
    checked = None if cache is None else cache.get(key(task))
    return checked, task if checked is None else None


def _fill(outcome: Outcome, found: Iterable[_Read], results: Iterable[Checked]) -> None:
    for one, checked in zip(found, results, strict=True):
        if not (checked.findings or checked.comments or checked.defects):
            continue
        path, settings = one.found.path, one.found.settings
        selected = settings.selected(path)
        here = (finding._replace(path=path) for finding in checked.findings)
        settled = settle(path, here, checked.comments, selected)
        shown = [
            finding
            for finding in settled.findings
            if finding.confidence >= settings.confidence
            and is_as_bad(finding.severity, settings.severity)
        ]
        outcome.findings += shown
        outcome.ignored += settled.ignored
        outcome.defects += (
            defect._replace(path=path)
            for defect in checked.defects
            if not defect.rule or defect.rule in selected
        )
        if shown:
            outcome.sources[path] = Source(_lines(one), one.source or b"", selected)


def _lines(one: _Read) -> list[str]:
    source = one.source or b""
    try:
        text = one.found.language.decode(source)
    except SyntaxError:
        text = source.decode(errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _compare(outcome: Outcome, options: Options, here: Settings, paths: Sequence[str]) -> None:
    """Take away what the baseline knows, or write it down there."""
    file = options.baseline
    if file is None and here.baseline is not None:
        file = Path(os.path.relpath(here.root / here.baseline))
    if file is None:
        if options.write_baseline:
            raise BaselineError(
                "a baseline needs a place: --baseline FILE, or baseline in [tool.longwire.lint]"
            )
        return
    baseline = Baseline(file, outcome.line)
    if options.write_baseline:
        outcome.written = baseline.write(outcome.findings, paths)
        outcome.known, outcome.findings = len(outcome.findings), []
        return
    outcome.findings, old, left = baseline.split(outcome.findings, baseline.read())
    outcome.known = len(old)
    outcome.stale = baseline.stale(left, paths)
