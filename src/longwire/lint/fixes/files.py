"""Writes a file anew: all of it or nothing, with the rights that it has."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path


def replace(path: str, before: bytes, after: bytes) -> None:
    """Put another content in place of the one that was read.

    A link stays one: what it leads to is written.

    Args:
        path: Of the file.
        before: What was read there.
        after: What is to be there.

    Raises:
        OSError: it is read-only, is gone, or has changed since it was read; or there is no room.
    """
    file = Path(os.path.realpath(path))
    status = file.stat()
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        # It could be replaced all the same, but is not meant to be.
        raise PermissionError(errno.EACCES, "it is read-only", path)
    if not os.access(file, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    if file.read_bytes() != before:
        raise OSError(errno.EBUSY, "it has changed since it was read", path)
    _write(file, after, status)


def _write(file: Path, content: bytes, status: os.stat_result) -> None:
    descriptor, name = tempfile.mkstemp(
        dir=file.parent, prefix=f".{file.name[:50]}-", suffix=".new"
    )
    new = Path(name)
    try:
        with open(descriptor, "wb") as opened:  # noqa: PTH123 - a descriptor has no path
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):  # somebody else's, and we are not root
                os.chown(new, status.st_uid, status.st_gid)
        new.chmod(stat.S_IMODE(status.st_mode))
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
