"""What the failure of a user's function means for an opening."""

from __future__ import annotations

import pytest

from longwire.link.userfunctions import function_failed

WHERE = "wss://feed.example/"


@pytest.mark.parametrize(
    ("raised", "retryable"), [(OSError("s3cr3t"), True), (TypeError("s3cr3t"), False)]
)
def test_a_function_that_failed(raised: Exception, retryable: bool) -> None:
    """It is named, its text is not told, and only a mistake of the program is final."""
    error = function_failed("sock", raised, where=WHERE)
    assert (error.kind, error.blame, error.retryable) == ("local", "local", retryable)
    assert error.what == f"the sock function raised {type(raised).__name__}"
    assert "s3cr3t" not in str(error)
