"""Files are written anew as a whole, or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from longwire.lint.fixes.files import replace

if TYPE_CHECKING:
    from pathlib import Path


def names(directory: Path) -> list[str]:
    return [one.name for one in directory.iterdir()]


def test_the_rights_stay(tmp_path: Path) -> None:
    """And nothing else is left in the directory."""
    file = tmp_path / "feed.py"
    file.write_bytes(b"old")
    file.chmod(0o751)
    replace(str(file), b"old", b"new\r\n")
    assert file.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o751
    assert names(tmp_path) == ["feed.py"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    """What it leads to is written."""
    (tmp_path / "real").mkdir()
    file = tmp_path / "real" / "feed.py"
    file.write_bytes(b"old")
    link = tmp_path / "link.py"
    link.symlink_to(file)
    replace(str(link), b"old", b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_file_that_is_not_to_be_written(tmp_path: Path) -> None:
    """It could be replaced, as the directory allows it, but is not."""
    file = tmp_path / "feed.py"
    file.write_bytes(b"old")
    file.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        replace(str(file), b"old", b"new")
    assert file.read_bytes() == b"old"


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """Is not made anew."""
    with pytest.raises(FileNotFoundError):
        replace(str(tmp_path / "feed.py"), b"old", b"new")
    assert names(tmp_path) == []


def test_a_file_that_has_changed(tmp_path: Path) -> None:
    """What somebody has written meanwhile is not lost."""
    file = tmp_path / "feed.py"
    file.write_bytes(b"newer")
    with pytest.raises(OSError, match="changed since"):
        replace(str(file), b"old", b"new")
    assert file.read_bytes() == b"newer"


def test_a_write_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is as it was, and nothing lies about."""
    file = tmp_path / "feed.py"
    file.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        replace(str(file), b"old", b"new")
    assert file.read_bytes() == b"old"
    assert names(tmp_path) == ["feed.py"]
