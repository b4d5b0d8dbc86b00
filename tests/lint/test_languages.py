"""Which language a file is in."""

from __future__ import annotations

import pytest

from longwire.lint.languages import LANGUAGES, PYTHON, RUST, language_of


@pytest.mark.parametrize("path", ["a.py", "deep/a.PY", "a.b.pyw", "/x/y.py"])
def test_python_by_its_suffix(path: str) -> None:
    """In whatever case."""
    assert language_of(path) is PYTHON


@pytest.mark.parametrize("path", ["a.rs", "src/bin/A.RS"])
def test_rust_by_its_suffix(path: str) -> None:
    """In whatever case."""
    assert language_of(path) is RUST


@pytest.mark.parametrize("path", ["a.pyi", "py", "a.py.orig", "README", ".py/a", "a."])
def test_other_files(path: str) -> None:
    """Stubs run nothing, so there is nothing to find in them."""
    assert language_of(path) is None


def test_languages_are_found_by_name() -> None:
    """So that a name can be handed to another process."""
    assert all(LANGUAGES[one.name] is one for one in LANGUAGES.values())
