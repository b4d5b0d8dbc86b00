"""What is known of sources from earlier runs, kept in a file.

An entry belongs to a source, by its hash, and to the rules, by theirs; settings have no part in it,
nor has the path, but for whether it is that of a test. So a moved file is known, and another
selection of rules needs no new check.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.check import Checked
from longwire.lint.python.file import is_test_path
from longwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.check import Task

NAME: Final = ".longwire_cache"
_DAYS: Final = 30
"""What was not asked for in so many days is forgotten."""
_DAY: Final = 86_400

_Entries = dict[bytes, tuple[int, msgspec.Raw]]
"""By the hash of the source: the day of its last use, and what is known."""
_FILE: Final = msgspec.msgpack.Decoder(_Entries)
_CHECKED: Final = msgspec.msgpack.Decoder(Checked)


def key(task: Task) -> bytes:
    """What an entry is found by."""
    kind = task.language.encode()[:12] + (b"test" if is_test_path(task.path) else b"")
    return hashlib.blake2b(task.source, digest_size=16, person=kind).digest()


def fingerprint() -> str:
    """What the results depend on besides the source: our own code, and the parsers."""
    made_of = [__version__, sys.version, *_parsers()]
    room = Path(__file__).parent
    for file in sorted(room.rglob("*.py")):
        with contextlib.suppress(OSError):
            stat = file.stat()
            made_of.append(f"{file.relative_to(room)} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.blake2b("\n".join(made_of).encode(), digest_size=8).hexdigest()


def _parsers() -> Iterator[str]:
    """Those that are installed: where, and since when. Asking for a version would take longer."""
    for name in ("tree_sitter", "tree_sitter_rust"):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            yield f"{spec.origin} {Path(spec.origin).stat().st_mtime_ns}"


class Cache:
    """The results of earlier runs. What is broken in it is taken for missing.

    Args:
        directory: Where it is, or is to be.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = directory / f"lint-{fingerprint()}.msgpack"
        self._today = int(time.time()) // _DAY
        self._entries = self._read()
        self._fresh: _Entries = {}

    def get(self, key: bytes) -> Checked | None:
        """What is known of a source; None, if nothing is."""
        day, raw = self._entries.get(key, (0, None))
        if raw is None:
            return None
        try:
            checked = _CHECKED.decode(raw)
        except (msgspec.MsgspecError, ValueError):
            return None
        if any(one.rule not in ALL_RULES for one in checked.findings):
            return None
        if day != self._today:
            self._fresh[key] = (self._today, raw)
        return checked

    def put(self, key: bytes, checked: Checked) -> None:
        """Keep what is known of a source, unless a rule failed: it may do better next time."""
        if checked.defects:
            return
        with contextlib.suppress(ValueError):  # a lone surrogate of a string cannot be written
            self._fresh[key] = (self._today, msgspec.Raw(msgspec.msgpack.encode(checked)))

    def save(self) -> None:
        """Write down what is new. Where that is not possible, the next run takes longer."""
        if not self._fresh:
            return
        # Another run may have written meanwhile.
        entries = {**self._read(), **self._fresh}
        oldest = self._today - _DAYS
        entries = {one: entry for one, entry in entries.items() if entry[0] >= oldest}
        with contextlib.suppress(OSError):
            self._make_directory()
            self._write(msgspec.msgpack.encode(entries))
            self._forget_other_versions()

    def _read(self) -> _Entries:
        try:
            return _FILE.decode(self._file.read_bytes())
        except (OSError, msgspec.MsgspecError, ValueError):
            return {}

    def _make_directory(self) -> None:
        if self._directory.is_dir():
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / ".gitignore").write_text("*\n")
        (self._directory / "CACHEDIR.TAG").write_text(
            "Signature: 8a477f597d28d172789f06886806bc55\n"
        )

    def _write(self, data: bytes) -> None:
        """All of it or nothing, whoever else writes or ends in the midst."""
        new = self._file.with_suffix(f".{os.getpid()}-{id(self)}.new")
        try:
            new.write_bytes(data)
            new.replace(self._file)
        except OSError:
            new.unlink(missing_ok=True)
            raise

    def _forget_other_versions(self) -> None:
        before = time.time() - _DAYS * _DAY
        for file in self._directory.glob("lint-*"):
            if file != self._file and file.stat().st_mtime < before:
                file.unlink(missing_ok=True)
