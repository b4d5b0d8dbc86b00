"""What a user says about a feed's numbers."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.sequence import Data, Sequence


def number_of(message: Data) -> int | None:
    """The number after the colon of ``"stream:number"``, None where there is none."""
    number = str(message).partition(":")[2]
    return int(number) if number else None


def stream_of(message: Data) -> str:
    return str(message).partition(":")[0]


def test_options() -> None:
    """Number, stream and refill may be given by position; the rest has sensible defaults."""
    sequence = Sequence(number_of)
    assert (sequence.stream, sequence.refill) == (None, None)
    assert (sequence.refill_timeout, sequence.restarts) == (30.0, "detect")
    assert sequence.max_streams == 65_536
    assert Sequence(number=number_of, stream=stream_of).stream is stream_of


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"number": None}, TypeError, "Sequence.number must be a function"),
        ({"number": number_of, "stream": 3}, TypeError, "Sequence.stream must be a function"),
        *(({"number": path}, ValueError, "names no field") for path in ("", "a..b", ".")),
        *(({"number": "n", "stream": f"a{c}b"}, ValueError, "names no field") for c in '"\\\n'),
        ({"number": number_of, "refill": 3}, TypeError, "Sequence.refill must be a function"),
        ({"number": number_of, "refill_timeout": 0}, ValueError, "later messages wait"),
        ({"number": number_of, "refill_timeout": float("inf")}, ValueError, "above 0"),
        ({"number": number_of, "restarts": "x"}, ValueError, "'detect', 'each-link', 'never'"),
        ({"number": number_of, "max_streams": 0}, ValueError, "must be 1 or more"),
    ],
)
def test_bad_options_say_what_to_do(
    options: dict[str, Any], error: type[Exception], text: str
) -> None:
    """What cannot work is refused when it is given."""
    with pytest.raises(error) as caught:
        Sequence(**options)
    assert text in str(caught.value)
