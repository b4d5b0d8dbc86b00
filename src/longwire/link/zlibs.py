"""Which zlib inflates: zlib-ng's where it is installed, the standard library's else.

Both give the same bytes for the same input. zlib-ng is for inflating only: its compressor is faster
too, but takes four times the memory that zlib's takes with our defaults, on each link that sends.
docs/compression.md has the numbers.
"""

from __future__ import annotations

import functools
import os
import zlib
from typing import TYPE_CHECKING, Any, Final

from longwire.core.compression import Deflate

if TYPE_CHECKING:
    from longwire.core.compression import Compression

VARIABLE: Final = "LONGWIRE_ZLIB"
"""``zlib`` (the standard library's) or ``zlib-ng``. Unset: zlib-ng where it is installed."""


def inflater() -> str:
    """Which library inflates: ``"zlib-ng"`` where it is installed (extra ``speed``), or ``"zlib"``.

    The environment variable ``LONGWIRE_ZLIB`` asks for one by name.

    Raises:
        ValueError: it asks for one that there is not.
    """
    return "zlib" if inflating() is zlib else "zlib-ng"


@functools.cache
def inflating() -> Any:
    """The module to make inflaters with; the first call settles it for the process.

    Raises:
        ValueError: as `inflater`.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in {"", "zlib", "zlib-ng"}:
        raise ValueError(f"{VARIABLE}={wanted} is neither zlib nor zlib-ng: correct or unset it")
    if wanted == "zlib":
        return zlib
    try:
        from zlib_ng import zlib_ng  # noqa: PLC0415 - only where something is compressed
    except ImportError as error:
        if wanted:
            raise ValueError(
                f"{VARIABLE}={wanted}, but it cannot be loaded ({error}): "
                "install longwire[speed], or unset the variable"
            ) from error
        return zlib
    return zlib_ng


def checked_compression(compression: Compression, *, client: bool) -> Deflate | None:
    """What ``compression=`` means, once it is clear that it can be done here.

    Raises:
        ValueError: it cannot.
    """
    options = Deflate.of(compression, client=client)
    if options is not None and os.environ.get(VARIABLE):
        # Who names one is told now if it is not there; else it is loaded when it is used.
        inflating()
    return options
