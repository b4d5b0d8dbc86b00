"""Which pattern takes which value."""

from __future__ import annotations

import pytest

from longwire.lint.rust.syntax import read
from longwire.lint.rust.values import ERR, FALSE, NONE, TRUE, Fit, Value, after_method, fit


def fits(pattern: str, value: Value) -> tuple[Fit, dict[str, Value]]:
    root = read(f"fn f() {{ match x {{ {pattern} => 1 }} }}".encode())
    return fit(next(one for one in root.walk() if one.kind == "match_pattern"), value)


SOME_ERR: Value = ("Some", ERR)


@pytest.mark.parametrize(
    ("pattern", "value", "expected", "names"),
    [
        ("_", NONE, Fit.YES, {}),
        ("other", NONE, Fit.YES, {"other": NONE}),
        ("None", NONE, Fit.YES, {}),
        ("None", SOME_ERR, Fit.NO, {}),
        ("Option::None", NONE, Fit.YES, {}),
        ("Some(Ok(m))", NONE, Fit.NO, {}),
        ("Some(Ok(m))", SOME_ERR, Fit.NO, {}),
        ("Some(Err(e))", SOME_ERR, Fit.YES, {"e": None}),
        ("Some(message)", SOME_ERR, Fit.YES, {"message": ERR}),
        ("Some(..)", SOME_ERR, Fit.YES, {}),
        ("Some(Err(Error::Io(_)))", SOME_ERR, Fit.MAYBE, {}),
        ("Some(Ok(Message::Text(t))) | Some(Err(_))", SOME_ERR, Fit.YES, {}),
        ("Some(Err(_)) if x", SOME_ERR, Fit.MAYBE, {}),
        ("a @ None", NONE, Fit.YES, {"a": NONE}),
        ("Some(ref e)", SOME_ERR, Fit.YES, {"e": ERR}),
        ("Message::Text(t)", None, Fit.MAYBE, {"t": None}),
        ("(a, _)", None, Fit.YES, {"a": None}),
        ("(Some(a), _)", None, Fit.MAYBE, {"a": None}),
        ("true", TRUE, Fit.YES, {}),
        ("Foo { a }", None, Fit.MAYBE, {}),
        ("WOULD_BLOCK", ERR, Fit.MAYBE, {}),
    ],
)
def test_patterns(pattern: str, value: Value, expected: Fit, names: dict[str, Value]) -> None:
    """With what their names stand for."""
    assert fits(pattern, value) == (expected, names)


@pytest.mark.parametrize(
    ("method", "value", "after"),
    [
        ("unwrap", ("Some", ERR), ERR),
        ("expect", NONE, ()),
        ("is_some", NONE, FALSE),
        ("is_err", ERR, TRUE),
        ("ok", ERR, NONE),
        ("ok", ("Ok", NONE), ("Some", NONE)),
        ("ok_or", NONE, ERR),
        ("map", NONE, NONE),
        ("map_err", ERR, ERR),
        ("flatten", ("Some", NONE), NONE),
        ("transpose", NONE, ("Ok", NONE)),
        ("transpose", ("Some", ERR), ERR),
        ("transpose", ("Some", ("Ok", None)), ("Ok", ("Some", None))),
        ("transpose", ("Ok", NONE), NONE),
        ("unwrap_or_default", NONE, None),
        ("unwrap", None, None),
    ],
)
def test_methods(method: str, value: Value, after: Value) -> None:
    """The empty tuple is a panic."""
    assert after_method(method, value) == after
