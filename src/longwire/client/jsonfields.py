"""The number of a message, and the name of its stream, out of fields of JSON messages.

Compiled in Cython's pure-Python mode; runs uncompiled too. `longwire.Sequence` may name fields in
place of functions; this reads them. `JsonFields.count_good` is for the usual case, message after
message the next of its stream: it decodes nothing, skips by its structure what lies in front of a
field, and does not look at what lies behind. Where anything is unusual it stops, and `number` and
`stream` decode that message whole.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from longwire.client.likeness import Likeness
from longwire.core.sequence import field_path

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if cython.compiled:
    from cython.cimports.cpython.bytes import PyBytes_AS_STRING, PyBytes_GET_SIZE
    from cython.cimports.cpython.unicode import PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
    from cython.cimports.libc.string import memcmp

_LONGEST = cython.declare(cython.int, 18)
"""Digits that surely fit into 64 bits."""

_ABSENT = cython.declare(cython.int, -1)
"""In place of a position: the message has no such field."""

_UNUSUAL = cython.declare(cython.int, -2)
"""In place of a position or a number: decode the message to know."""

_LESSONS = cython.declare(cython.int, 16)
"""How often a batch may show how messages begin: it costs, and is in vain where all differ."""


@cython.final
@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cclass
class JsonFields:
    """Reads two fields of messages that are JSON objects, as text or as bytes in UTF-8.

    Args:
        number: The path of the number, see `longwire.core.sequence.field_path`. None: `number` is
            not asked.
        stream: The path of the stream's name. None: there is one stream, or another names it.

    Raises:
        ValueError: one of them is no path.
    """

    _number_path: list[str]
    _stream_path: list[str]
    # The same in the bytes of a message, with quotes.
    _number_names: list[bytes]
    _stream_names: list[bytes]
    # The message that is being read: its bytes, which live as long as the message.
    _data: cython.p_uchar
    _size: cython.Py_ssize_t
    # The value that was found last.
    _start: cython.Py_ssize_t
    _end: cython.Py_ssize_t
    _likeness: Any

    def __init__(self, number: str | None, stream: str | None) -> None:
        self._number_path = [] if number is None else field_path(number)
        self._stream_path = [] if stream is None else field_path(stream)
        self._number_names = [f'"{name}"'.encode() for name in self._number_path]
        self._stream_names = [f'"{name}"'.encode() for name in self._stream_path]
        self._size = 0
        self._start = 0
        self._end = 0
        self._likeness = Likeness()

    def number(self, message: str | bytes) -> int | None:
        """The message's number, also where it stands in quotes.

        Returns:
            None if the message is no object, or has no such field, or null in it.

        Raises:
            ValueError: the message is no JSON, or the field holds something else.
        """
        value = _field(message, self._number_path)
        if isinstance(value, str) and value.removeprefix("-").isdecimal():
            return int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise ValueError(f"the field {'.'.join(self._number_path)!r} holds {_shown(value)}")

    def stream(self, message: str | bytes) -> str:
        """The name of the message's stream; a number there is taken as its digits.

        Raises:
            ValueError: the message is no JSON, or has no such field, or something else in it.
        """
        value = _field(message, self._stream_path)
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise ValueError(f"the field {'.'.join(self._stream_path)!r} holds {_shown(value)}")

    def count_good(self, messages: list[Any], last: dict[Any, Any]) -> int:
        """How many messages, from the first on, are each the next of their stream, and usual.

        Args:
            messages: Messages in order.
            last: The last number of each stream, None the name of an only one. What is counted
                is taken into it.
        """
        if self._stream_names:
            return self._count_of_many(messages, last)
        return self._count_of_one(messages, last)

    @cython.cfunc
    def _count_of_one(self, messages: list[Any], last: dict[Any, Any]) -> cython.Py_ssize_t:
        good: cython.Py_ssize_t = 0
        learnt: cython.int = 0
        found: cython.longlong
        following: cython.longlong
        alike: cython.Py_ssize_t
        at: cython.Py_ssize_t
        message: object
        before: Any = last.get(None)
        if before is None or not 0 <= before < 10**17:
            return 0
        following = before
        following += 1
        while good < len(messages):
            if self._likeness.number == following:
                alike = self._likeness.follow(messages, good)
                good += alike
                following += alike
                if good == len(messages):
                    break
            message = messages[good]
            self._open(message)
            at = self._find(self._number_names)
            found = at if at < 0 else self._number_at(at)
            if found == following:
                following += 1
                if learnt < _LESSONS:
                    learnt += 1
                    self._likeness.learn(self._data[: self._end], at, found)
            elif found != _ABSENT:
                break
            good += 1
        last[None] = following - 1
        return good

    @cython.cfunc
    def _count_of_many(self, messages: list[Any], last: dict[Any, Any]) -> cython.Py_ssize_t:
        good: cython.Py_ssize_t = 0
        found: cython.longlong
        message: object
        reached: dict[Any, Any] = {}
        for message in messages:
            self._open(message)
            found = self._short_number()
            if found != _ABSENT:
                name: object = None if found < 0 else self._plain_stream()
                if name is None:
                    break
                before: object = reached.get(name)
                if before is None:
                    before = last.get(name)
                if before is None or before != found - 1:
                    break
                reached[name] = found
            good += 1
        last.update(reached)
        return good

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _open(self, message: object) -> cython.int:
        """Read this message from now on; the caller keeps it alive."""
        if cython.compiled:
            if isinstance(message, bytes):
                self._data = cython.cast(cython.p_uchar, PyBytes_AS_STRING(message))
                self._size = PyBytes_GET_SIZE(message)
            else:
                # ASCII's own memory; other text keeps its UTF-8 as long as it lives.
                self._data = cython.cast(
                    cython.p_uchar, PyUnicode_AsUTF8AndSize(message, cython.address(self._size))
                )
        else:
            self._data = message.encode() if isinstance(message, str) else message
            self._size = len(self._data)
        return 0

    # -- values -------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(check=False)
    def _short_number(self) -> cython.longlong:
        """The number of the message, or `_ABSENT`, or `_UNUSUAL`: negative, long, no number."""
        at: cython.Py_ssize_t = self._find(self._number_names)
        return at if at < 0 else self._number_at(at)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _number_at(self, at: cython.Py_ssize_t) -> cython.longlong:
        """The number that is here; its digits end at `_end`."""
        quoted: cython.bint = self._byte(at) == 0x22
        start: cython.Py_ssize_t = at + 1 if quoted else at
        digit: cython.int
        value: cython.longlong = 0
        at = start
        while at < self._size:
            digit = self._data[at] - 0x30
            if digit < 0 or digit > 9:
                break
            if at - start == _LONGEST:
                return _UNUSUAL
            value = value * 10 + digit
            at += 1
        if at == start or at == self._size:
            return _UNUSUAL
        self._end = at
        return value if self._ends_number(at, quoted) else _UNUSUAL

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _ends_number(self, at: cython.Py_ssize_t, quoted: cython.bint) -> cython.bint:
        byte: cython.int = self._data[at]
        if quoted:
            return byte == 0x22
        return byte == 0x2C or byte == 0x7D or byte <= 0x20  # , }

    @cython.cfunc
    def _plain_stream(self) -> object:
        """The name of the stream as `stream` gives it, or None: that one must be asked."""
        at: cython.Py_ssize_t = self._find(self._stream_names)
        if at < 0 or self._data[at] != 0x22:
            return None
        while at < self._end:
            if self._data[at] == 0x5C:  # an escape
                return None
            at += 1
        if cython.compiled:
            return PyUnicode_DecodeUTF8(
                cython.cast(cython.p_char, self._data) + self._start + 1,
                self._end - self._start - 2,
                "replace",
            )
        return self._data[self._start + 1 : self._end - 1].decode(errors="replace")

    # -- the way to a value: positions in the message, or `_ABSENT`, or `_UNUSUAL` ------------

    @cython.cfunc
    @cython.exceptval(check=False)
    def _find(self, names: list[Any]) -> cython.Py_ssize_t:
        """Where a field's value begins; it ends at `_end`."""
        name: Any
        at: cython.Py_ssize_t = self._skip_space(0)
        if at >= self._size or self._data[at] != 0x7B:  # {
            return _ABSENT
        for name in names:
            at = self._find_member(at, name)
            if at < 0:
                return at
        self._start = at
        self._end = self._skip_value(at)
        return _UNUSUAL if self._end < 0 else at

    @cython.cfunc
    @cython.exceptval(check=False)
    def _find_member(self, at: cython.Py_ssize_t, name: bytes) -> cython.Py_ssize_t:
        """Where the value of an object's member begins."""
        start: cython.Py_ssize_t
        end: cython.Py_ssize_t
        if self._byte(at) != 0x7B:  # {
            return _UNUSUAL
        start = self._skip_space(at + 1)
        if self._byte(start) == 0x7D:  # }
            return _ABSENT
        while self._byte(start) == 0x22:
            end = self._skip_string(start)
            if end < 0:
                return _UNUSUAL
            at = self._skip_space(end)
            if self._byte(at) != 0x3A:  # :
                return _UNUSUAL
            at = self._skip_space(at + 1)
            if self._is_name(start, end, name):
                return at
            if self._is_escaped(start, end, name):
                return _UNUSUAL
            at = self._skip_value(at)
            if at < 0:
                return _UNUSUAL
            at = self._skip_space(at)
            if self._byte(at) == 0x7D:  # }
                return _ABSENT
            if self._byte(at) != 0x2C:  # ,
                return _UNUSUAL
            start = self._skip_space(at + 1)
        return _UNUSUAL

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_name(
        self, start: cython.Py_ssize_t, end: cython.Py_ssize_t, name: bytes
    ) -> cython.bint:
        if end - start != len(name):
            return False
        if cython.compiled:
            return memcmp(self._data + start, PyBytes_AS_STRING(name), end - start) == 0
        return bytes(self._data[start:end]) == name

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_escaped(
        self, start: cython.Py_ssize_t, end: cython.Py_ssize_t, name: bytes
    ) -> cython.bint:
        """Whether it may be the name, written with escapes: it is longer then."""
        at: cython.Py_ssize_t
        if end - start > len(name):
            for at in range(start, end):
                if self._data[at] == 0x5C:  # backslash
                    return True
        return False

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _byte(self, at: cython.Py_ssize_t) -> cython.int:
        """A byte of the message; behind its end 0, which is none of JSON's."""
        return self._data[at] if at < self._size else 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _skip_space(self, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        while at < self._size and self._data[at] <= 0x20:
            at += 1
        return at

    @cython.cfunc
    @cython.exceptval(check=False)
    def _skip_string(self, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Where a string ends, its quotes included."""
        byte: cython.int
        at += 1
        while at < self._size:
            byte = self._data[at]
            if byte == 0x22:
                return at + 1
            at += 2 if byte == 0x5C else 1
        return _UNUSUAL

    @cython.cfunc
    @cython.exceptval(check=False)
    def _skip_value(self, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Where a value ends, whatever it is."""
        byte: cython.int = self._byte(at)
        start: cython.Py_ssize_t = at
        if byte == 0x22:
            return self._skip_string(at)
        if byte == 0x7B or byte == 0x5B:  # { [
            return self._skip_nested(at)
        while at < self._size:
            byte = self._data[at]
            if byte == 0x2C or byte == 0x7D or byte == 0x5D or byte <= 0x20:  # , } ]
                break
            at += 1
        return _UNUSUAL if at == start else at

    @cython.cfunc
    @cython.exceptval(check=False)
    def _skip_nested(self, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        depth: cython.Py_ssize_t = 0
        byte: cython.int
        while at < self._size:
            byte = self._data[at]
            if byte == 0x22:
                at = self._skip_string(at)
                if at < 0:
                    return _UNUSUAL
                continue
            if byte == 0x7B or byte == 0x5B:  # { [
                depth += 1
            elif byte == 0x7D or byte == 0x5D:  # } ]
                depth -= 1
                if depth == 0:
                    return at + 1
            at += 1
        return _UNUSUAL


def _field(message: str | bytes, path: list[str]) -> Any:
    """What a message holds at the end of a path; None if it leads nowhere."""
    brace = "{" if isinstance(message, str) else b"{"
    if not message.lstrip().startswith(brace):  # type: ignore[arg-type]  # both are of one kind
        return None
    value = json.loads(message)
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]} ..."
