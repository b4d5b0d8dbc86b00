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
        alike: cython.Py_ssize_t
        while self.number >= 0:
            alike = self._follow_ten(messages, at)
            if alike == 0:
                break
            at += alike
            self.number += alike - 1
            self._begin[self._size - 1] += alike - 1
            self._raise_number()
        return at - start

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _follow_ten(self, messages: list[Any], at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """The same as far as only the last digit rises, which is compared by itself."""
        start: cython.Py_ssize_t = at
        size: cython.Py_ssize_t = self._size
        digit: cython.int = self._begin[size - 1]
        quoted: cython.bint = self._quoted
        length: cython.Py_ssize_t = 0
        if cython.compiled:
            begin: cython.p_uchar = self._data
        else:
            begin = self._begin[: size - 1]
        while at < len(messages) and digit <= 0x39:  # 9
            if cython.compiled:
                text: cython.p_uchar = _bytes_of(
                    # Counting a reference would write to every message: it stays in the list.
                    cython.cast(object, PyList_GET_ITEM(messages, at)),
                    cython.address(length),
                )
            else:
                text = messages[at]
                text = text.encode() if isinstance(text, str) else text
                length = len(text)
            if length <= size or text[size - 1] != digit or not _ends_number(text[size], quoted):
                break
            if not _begins_with(text, begin, size - 1):
                break
            at += 1
            digit += 1
        return at - start

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
    def _bytes_of(message: object, length: cython.pointer(cython.Py_ssize_t)) -> cython.p_uchar:
        """A message's bytes, which live as long as it does."""
        if isinstance(message, bytes):
            length[0] = PyBytes_GET_SIZE(message)
            return cython.cast(cython.p_uchar, PyBytes_AS_STRING(message))
        # ASCII's own memory; other text keeps its UTF-8.
        return cython.cast(cython.p_uchar, PyUnicode_AsUTF8AndSize(message, length))

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _begins_with(
        text: cython.p_uchar, begin: cython.p_uchar, size: cython.Py_ssize_t
    ) -> cython.bint:
        """Whether the bytes are equal. They are few: calling memcmp would cost more."""
        left: cython.ulonglong = 0
        right: cython.ulonglong = 0
        at: cython.Py_ssize_t = 0
        while at < size:
            if size >= 8:
                # The last word begins early enough to end with the bytes.
                at = min(at, size - 8)
                memcpy(cython.address(left), text + at, 8)
                memcpy(cython.address(right), begin + at, 8)
                at += 8
            else:
                left = text[at]
                right = begin[at]
                at += 1
            if left != right:
                return False
        return True

else:

    def _begins_with(text: Any, begin: Any, size: int) -> bool:
        return bool(text[:size] == begin)
