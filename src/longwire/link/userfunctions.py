"""When a function of the user's fails that an opening needs."""

from __future__ import annotations

from typing import Final

from longwire.errors import ConnectError

_MISTAKES: Final = (TypeError, AttributeError, NameError, AssertionError, NotImplementedError)
"""What a program raises because it is wrong, not because the world is."""


def function_failed(name: str, error: Exception, *, where: str) -> ConnectError:
    """What it means that a function of the user's raised before a link could be opened.

    It is worth another try unless the program itself is wrong: a token service may be back soon.

    Args:
        name: What the function was given as.
        error: What it raised.
        where: The address, secrets removed.
    """
    return ConnectError(
        # A text of the user's code may hold the very secret that it was to deliver.
        f"the {name} function raised {type(error).__name__}",
        kind="local",
        retryable=not isinstance(error, _MISTAKES),
        blame="local",
        where=where,
        hint="read __cause__",
    )
