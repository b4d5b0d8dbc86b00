"""Stand-ins for Cython's names, so that the hot modules run where no Cython is installed.

A hot module begins with::

    if TYPE_CHECKING:
        from longwire.link import cython_shim as cython
    else:
        try:
            import cython
        except ImportError:
            from longwire.link import cython_shim as cython

Cython knows the name ``cython`` when it compiles the module; nothing here is in the compiled form.
Type checkers read this file, because Cython comes without types. tests/link/test_cython_shim.py
shows that every name the hot modules use is here.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

compiled = False
"""Whether the module that asks runs compiled. Cython answers True there."""

# C types: in Python they are its own numbers.
bint: TypeAlias = builtins.bool
uchar: TypeAlias = builtins.int
int: TypeAlias = builtins.int
uint: TypeAlias = builtins.int
longlong: TypeAlias = builtins.int
ulonglong: TypeAlias = builtins.int
Py_ssize_t: TypeAlias = builtins.int
double: TypeAlias = builtins.float
void: TypeAlias = None

# Pointers: only code under ``if cython.compiled:`` follows them.
p_char: TypeAlias = Any
p_uchar: TypeAlias = Any
p_void: TypeAlias = Any
NULL: Any = None

_T = TypeVar("_T")
_Known = TypeVar("_Known", builtins.bool, builtins.int, builtins.float, str, bytes, bytearray)
_Decorated = TypeVar("_Decorated", bound="Callable[..., Any]")


def _same(decorated: _Decorated) -> _Decorated:
    return decorated


# Decorators without arguments.
cclass = _same
cfunc = _same
ccall = _same
inline = _same
final = _same


def boundscheck(enabled: bool, /) -> Callable[[_Decorated], _Decorated]:
    """Whether indexes are checked. Python always checks."""
    return _same


wraparound = boundscheck
nonecheck = boundscheck
cdivision = boundscheck


def freelist(size: builtins.int, /) -> Callable[[_Decorated], _Decorated]:
    """How many dead instances are kept for reuse. Python keeps none."""
    return _same


def exceptval(value: object = None, *, check: bool = True) -> Callable[[_Decorated], _Decorated]:
    """Which return value says that an exception was raised. Python needs none."""
    return _same


@overload
def declare(type_: type[_Known], value: _Known = ..., /, *, visibility: str = ...) -> _Known: ...
@overload
def declare(type_: object, value: Any = ..., /, *, visibility: str = ...) -> Any: ...
def declare(type_: Any, value: Any = None, /, *, visibility: str = "private") -> Any:
    """A declared variable or attribute: ``value``, or what C would start with.

    Args:
        type_: Its type.
        value: What it starts with; by default 0 for numbers, and None for objects.
        visibility: Who may read and write it from Python; Python lets everyone.
    """
    if value is None and type_ in {builtins.bool, builtins.int, builtins.float}:
        return type_()
    return value


def cast(type_: type[_T] | str, value: Any, /, *, typecheck: bool = False) -> Any:
    """``value`` itself."""
    return value


def pointer(type_: object, /) -> Any:
    """The type of a pointer, which only compiled code follows."""
    return Any


def address(value: _T, /) -> Any:
    """``value`` itself; C's pointer to it."""
    return value
