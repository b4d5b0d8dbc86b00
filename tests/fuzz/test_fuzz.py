"""Every target takes every input that was kept, and some by chance."""

from __future__ import annotations

import pytest
from hypothesis import example, given, seed
from hypothesis import strategies as st

from tests.fuzz import corpus
from tests.fuzz.take import Take


@pytest.mark.parametrize("name", corpus.NAMES)
def test_a_target_takes_all_that_was_kept(name: str) -> None:
    """What reaches most of the code, and whatever once broke something, in this form of it too."""
    check = corpus.check_of(name)
    kept = corpus.kept(name)
    assert kept
    for one in kept:
        try:
            check(one.read_bytes())
        except BaseException as error:
            error.add_note(f"with the input {one}")
            raise


@pytest.mark.parametrize("name", corpus.NAMES)
def test_a_target_takes_chance(name: str) -> None:
    """A hundred inputs more, always the same ones."""
    check = corpus.check_of(name)

    @seed(1)
    @example(b"")
    @given(st.binary(max_size=300))
    def any_bytes(data: bytes) -> None:
        check(data)

    any_bytes()


def test_every_folder_of_the_corpus_has_its_target() -> None:
    """No input is kept for a target that is no more."""
    assert sorted(folder.name for folder in corpus.KEPT.iterdir()) == corpus.NAMES


def test_what_is_taken_ends_in_zeros() -> None:
    """Choices are made of the bytes in order; an input that is too short still makes them."""
    take = Take(b"\x03\x02abc")
    assert (take.flag(), take.some(), take.done) == (True, b"ab", False)
    assert (take.rest(), take.done) == (b"c", True)
    assert (take.byte(), take.one_of(["x", "y"]), take.some()) == (0, "x", b"")
