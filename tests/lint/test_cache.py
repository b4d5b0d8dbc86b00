"""What is kept between runs, and what may have happened to it meanwhile."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from longwire.lint import cache as module
from longwire.lint.cache import Cache, fingerprint, key
from longwire.lint.check import Checked, Defect, Task, check

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = (
    b"import time, websockets\nasync def f(ws):\n    time.sleep(1)  # longwire: ignore[LW111]\n"
)
KEY = key(Task("Python", SOURCE))
CHECKED = check(Task("Python", SOURCE))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache"


@pytest.fixture
def file(directory: Path) -> Path:
    """The file of a cache that knows the source."""
    cache = Cache(directory)
    cache.put(KEY, CHECKED)
    cache.save()
    (file,) = directory.glob("lint-*.msgpack")
    return file


def test_what_was_kept_is_known(directory: Path, file: Path) -> None:
    """Findings and comments, as they were; nothing of other sources."""
    assert file.exists()
    assert CHECKED.findings
    assert CHECKED.comments
    cache = Cache(directory)
    assert cache.get(KEY) == CHECKED
    assert cache.get(key(Task("Python", SOURCE + b"\n"))) is None
    assert cache.get(key(Task("Rust", SOURCE))) is None


def test_a_test_is_judged_by_itself(directory: Path, file: Path) -> None:
    """Rules are milder there; but for that, a path has no part in it."""
    cache = Cache(directory)
    assert cache.get(key(Task("Python", SOURCE, "other/place.py"))) == CHECKED
    assert cache.get(key(Task("Python", SOURCE, "tests/place.py"))) is None


def test_the_directory_keeps_itself_out_of_the_way(directory: Path, file: Path) -> None:
    """Of git, and of back-ups and searches."""
    assert (directory / ".gitignore").read_text() == "*\n"
    assert (directory / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"nonsense",
        msgspec.msgpack.encode([1]),
        msgspec.msgpack.encode({KEY: "x"}),
        msgspec.msgpack.encode({KEY: (1, {"findings": 3})}),
        msgspec.msgpack.encode({KEY: (1, [[["", "one", 1]], [], []])}),
    ],
)
def test_what_is_broken_is_missing(directory: Path, file: Path, content: bytes) -> None:
    """Nothing is raised, and it is mended by the next run."""
    file.write_bytes(content)
    cache = Cache(directory)
    assert cache.get(KEY) is None
    cache.put(KEY, CHECKED)
    cache.save()
    assert Cache(directory).get(KEY) == CHECKED


def test_a_file_that_was_cut_off(directory: Path, file: Path) -> None:
    """At any byte."""
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert Cache(directory).get(KEY) is None


def test_a_rule_that_is_no_more(directory: Path) -> None:
    """A finding of it is worth nothing."""
    cache = Cache(directory)
    strange = CHECKED.findings[0]._replace(rule="LW999")
    cache.put(KEY, CHECKED._replace(findings=(strange,)))
    cache.save()
    assert Cache(directory).get(KEY) is None


def test_another_version_has_another_file(
    directory: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So two versions do not disturb each other; what is long unused goes."""
    monkeypatch.setattr(module, "__version__", "99.0")
    other = Cache(directory)
    assert other.get(KEY) is None
    other.put(KEY, CHECKED)
    other.save()
    assert file.exists()
    old = time.time() - 31 * 86_400
    os.utime(file, (old, old))
    other.put(KEY, CHECKED)
    other.save()
    assert not file.exists()


def test_the_fingerprint_is_that_of_our_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same again, and another one for another version."""
    first = fingerprint()
    assert first == fingerprint()
    monkeypatch.setattr(module, "__version__", "99.0")
    assert fingerprint() != first


def test_what_is_not_used_is_forgotten(
    directory: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some weeks; a use counts anew."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 20 * 86_400)
    used = Cache(directory)
    assert used.get(KEY) is not None
    used.save()
    monkeypatch.setattr(time, "time", lambda: now + 40 * 86_400)
    cache = Cache(directory)
    other = key(Task("Python", b"other"))
    cache.put(other, Checked())
    cache.save()
    assert Cache(directory).get(KEY) == CHECKED
    monkeypatch.setattr(time, "time", lambda: now + 90 * 86_400)
    late = Cache(directory)
    late.put(other, Checked())
    late.save()
    assert Cache(directory).get(KEY) is None


def test_a_defect_is_not_kept(directory: Path) -> None:
    """The rule may do better next time."""
    cache = Cache(directory)
    cache.put(KEY, Checked(defects=(Defect("", "LW101", "KeyError", ""),)))
    cache.save()
    assert not directory.exists()


def test_what_cannot_be_written_down(directory: Path) -> None:
    """A lone surrogate, which a string of the program may have, is no reason to fail."""
    strange = CHECKED.findings[0]._replace(message="\ud800")
    cache = Cache(directory)
    cache.put(KEY, CHECKED._replace(findings=(strange,)))
    cache.save()
    assert cache.get(KEY) is None


def test_runs_at_the_same_time_keep_what_both_know(directory: Path) -> None:
    """The later one to write adds to the earlier."""
    first, second = Cache(directory), Cache(directory)
    other = key(Task("Python", b"other"))
    first.put(KEY, CHECKED)
    second.put(other, Checked())
    first.save()
    second.save()
    cache = Cache(directory)
    assert cache.get(KEY) == CHECKED
    assert cache.get(other) == Checked()


def test_many_at_once_never_leave_a_broken_file(directory: Path) -> None:
    """Whoever reads meanwhile sees all or nothing of what another writes."""
    broken: list[object] = []

    def write(number: int) -> None:
        for turn in range(10):
            cache = Cache(directory)
            cache.put(key(Task("Python", b"%d %d" % (number, turn))), CHECKED)
            cache.save()
            found = Cache(directory).get(KEY)
            if found is not None:
                broken.append(found)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not broken
    assert [one.name for one in directory.glob("*.new")] == []


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The run goes on without it."""
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put(KEY, CHECKED)
    cache.save()
    assert cache.get(KEY) is None
