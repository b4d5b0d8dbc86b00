"""Masking and unmasking a payload (RFC 6455, 5.3): the same exclusive or.

Compiled in Cython's pure-Python mode; runs uncompiled too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if cython.compiled:
    from cython.cimports.libc.string import memcpy


def mask_bytes(payload: Any, key: Any) -> bytes:
    """A masked or unmasked copy, for whom is not compiled: one XOR of two long integers."""
    length = len(payload)
    stream = (bytes(key) * (length // 4 + 1))[:length]
    mixed = int.from_bytes(payload, "little") ^ int.from_bytes(stream, "little")
    return mixed.to_bytes(length, "little")


if cython.compiled:

    @cython.cfunc
    @cython.exceptval(check=False)
    def mask_into(
        out: cython.p_uchar,
        source: cython.p_uchar,
        length: cython.Py_ssize_t,
        key: cython.p_uchar,
    ) -> cython.void:
        """Copy and mask, eight bytes at a time; ``out`` may be ``source``."""
        wide: cython.ulonglong = 0
        word: cython.ulonglong = 0
        step: cython.Py_ssize_t
        whole: cython.Py_ssize_t = length // 8
        memcpy(cython.address(wide), key, 4)
        memcpy(cython.cast(cython.p_uchar, cython.address(wide)) + 4, key, 4)
        for step in range(whole):
            memcpy(cython.address(word), source + step * 8, 8)
            word = word ^ wide
            memcpy(out + step * 8, cython.address(word), 8)
        for step in range(whole * 8, length):
            out[step] = source[step] ^ key[step & 3]
