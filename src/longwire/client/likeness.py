"""Messages that begin as the one before did, but for their number.

Compiled in Cython's pure-Python mode; runs uncompiled too. Most messages of a numbered feed differ
from the last one in nothing up to the end of their number: one that begins with the very bytes of
the last one, its number raised by one, needs no search for it.
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
    from cython.cimports.cpython.bytearray import PyByteArray_AS_STRING
    from cython.cimports.cpython.bytes import PyBytes_AS_STRING, PyBytes_GET_SIZE
    from cython.cimports.cpython.list import PyList_GET_ITEM
    from cython.cimports.cpython.unicode import PyUnicode_AsUTF8AndSize
    from cython.cimports.libc.string import memcpy

_NONE = cython.declare(cython.int, -2)
"""No number: nothing is expected."""


@cython.final
@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cclass
class Likeness:
    """How the next message is to begin, as the last one that was shown has it."""

    number = cython.declare(cython.longlong, visibility="readonly")
    """The number that is expected; negative: none, a message has to be shown first."""
    _begin: bytearray
    _data: cython.p_uchar
    _size: cython.Py_ssize_t
    _digits: cython.Py_ssize_t
    _quoted: cython.bint

    def __init__(self) -> None:
        self.number = _NONE
        self._begin = bytearray()
        self._size = 0
        self._digits = 0
        self._quoted = False

    def learn(self, begin: bytes, at: cython.Py_ssize_t, number: cython.longlong) -> None:
        """A message shows how the next one is to begin.

        Args:
            begin: Its bytes up to the last digit of its number.
            at: Where the number begins, with its quote if it has one.
            number: The number.
        """
        self._begin = bytearray(begin)
        self._size = len(begin)
        if cython.compiled:
            self._data = cython.cast(cython.p_uchar, PyByteArray_AS_STRING(self._begin))
        self._quoted = begin[at] == 0x22
        self._digits = at + 1 if self._quoted else at
        self.number = number
        self._raise_number()

    def follow(self, messages: list[Any], at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """How many messages, from this one on, each begin as it is expected.

        Args:
            messages: Messages, as text or as bytes.
            at: Where to begin.
        """
        start: cython.Py_ssize_t = at
        number: cython.longlong = self.number
        while at < len(messages) and self.number == number:
            if cython.compiled:
                # Counting a reference would write to every message: it stays in the list.
                if not self._begins_so(cython.cast(object, PyList_GET_ITEM(messages, at))):
                    break
            elif not self._begins_so(messages[at]):
                break
            at += 1
            number += 1
            self._raise_number()
        return at - start

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _begins_so(self, message: object) -> cython.int:
        """Whether a message begins as it is expected, and its number ends there."""
        if cython.compiled:
            length: cython.Py_ssize_t = 0
            if isinstance(message, bytes):
                text: cython.p_uchar = cython.cast(cython.p_uchar, PyBytes_AS_STRING(message))
                length = PyBytes_GET_SIZE(message)
            else:
                # ASCII's own memory; other text keeps its UTF-8 as long as it lives.
                text = cython.cast(
                    cython.p_uchar, PyUnicode_AsUTF8AndSize(message, cython.address(length))
                )
            if length <= self._size or not _ends_number(text[self._size], self._quoted):
                return False
            return _same_bytes(text, self._data, self._size)
        data: Any = message.encode() if isinstance(message, str) else message
        size = self._size
        begins = len(data) > size and data[:size] == self._begin
        return begins and _ends_number(data[size], self._quoted)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _raise_number(self) -> cython.void:
        """Raise the number in the bytes that are expected; expect nothing if it gets longer."""
        at: cython.Py_ssize_t = self._size
        if cython.compiled:
            begin: cython.p_uchar = self._data
        else:
            begin = self._begin
        self.number += 1
        while at > self._digits:
            at -= 1
            if begin[at] != 0x39:  # 9
                begin[at] += 1
                return
            begin[at] = 0x30
        self.number = _NONE


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _ends_number(byte: cython.int, quoted: cython.bint) -> cython.bint:
    if quoted:
        return byte == 0x22
    return byte == 0x2C or byte == 0x7D or byte <= 0x20  # , }


if cython.compiled:

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _same_bytes(
        one: cython.p_uchar, other: cython.p_uchar, size: cython.Py_ssize_t
    ) -> cython.bint:
        """Whether they are equal. They are short: calling memcmp would cost more than the look."""
        left: cython.ulonglong = 0
        right: cython.ulonglong = 0
        at: cython.Py_ssize_t = 0
        while at + 8 <= size:
            memcpy(cython.address(left), one + at, 8)
            memcpy(cython.address(right), other + at, 8)
            if left != right:
                return False
            at += 8
        while at < size:
            if one[at] != other[at]:
                return False
            at += 1
        return True
