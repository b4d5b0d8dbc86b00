"""What people write for a bad network."""

from __future__ import annotations

import pytest

from longwire.chaos.netem import netem_arguments


def test_it_becomes_the_words_of_netem() -> None:
    """In the order that netem wants, whatever the order was."""
    words = netem_arguments("loss=5% reorder=25% jitter=10ms rate=1mbit delay=50ms")
    assert " ".join(words) == ("limit 100000 delay 50ms 10ms loss 5% reorder 25% rate 1mbit")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("speed=3", "a network has no 'speed'"),
        ("loss=5", "loss: '5' is not a share such as 5%"),
        ("loss", "loss: '' is not"),
        ("loss=100.1%", "loss: '100.1%' is more than all of it"),
        ("'loss=5%", "No closing quotation"),
        ("delay=5%", "delay: '5%' is not a time"),
        ("'delay=1ms loss 100%'", "is not a time"),
        ("rate=fast", "is not a rate"),
        ("jitter=1ms", "jitter needs a delay"),
        ("reorder=1%", "reorder needs a delay"),
    ],
)
def test_what_is_not_written_so(text: str, why: str) -> None:
    """Is refused, and reaches no program."""
    with pytest.raises(ValueError, match=why):
        netem_arguments(text)
