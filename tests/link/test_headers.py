"""Header fields: case, repetitions, secrets, and what must not be sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.link.headers import Headers, checked_pairs


def test_names_compare_without_case() -> None:
    """A field is found however its name is spelled, and keeps its own spelling in `pairs`."""
    headers = Headers({"Retry-After": "7"})
    assert headers["retry-after"] == headers["RETRY-AFTER"] == "7"
    assert "rEtRy-AfTeR" in headers
    assert headers.get("date") is None
    assert headers.pairs == (("Retry-After", "7"),)


def test_repeated_fields_are_joined_and_kept() -> None:
    """A repeated field reads as one, and `get_all` gives its parts."""
    headers = Headers([("Set-Cookie", "a=1"), ("Via", "x"), ("set-cookie", "b=2")])
    assert headers["Set-Cookie"] == "a=1, b=2"
    assert headers.get_all("SET-COOKIE") == ("a=1", "b=2")
    assert headers.get_all("nothing") == ()
    assert list(headers) == ["set-cookie", "via"]
    assert len(headers) == 2


def test_missing_field_raises_key_error() -> None:
    """Like any mapping."""
    with pytest.raises(KeyError):
        Headers()["upgrade"]


def test_equality_and_hash_ignore_case_and_order_of_names() -> None:
    """Two collections that say the same are the same."""
    first = Headers([("A", "1"), ("B", "2")])
    second = Headers([("b", "2"), ("a", "1")])
    assert first == second
    assert hash(first) == hash(second)
    assert first != Headers({"a": "1"})
    assert first != "a"


def test_cannot_be_changed() -> None:
    """There is no way to set or delete a field."""
    headers = Headers({"a": "1"})
    with pytest.raises(TypeError):
        headers["a"] = "2"  # type: ignore[index]  # the very thing tested
    assert not hasattr(headers, "__dict__")


def test_copies_of_headers_keep_repetitions() -> None:
    """Headers made from headers lose nothing."""
    headers = Headers([("a", "1"), ("A", "2")])
    assert Headers(headers).pairs == headers.pairs


@pytest.mark.parametrize(
    "name", ["Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "Sec-WebSocket-Protocol"]
)
def test_repr_hides_what_may_be_secret(name: str) -> None:
    """``repr`` shows names, and values only of fields that never hold a secret."""
    shown = repr(Headers([(name, "s3cr3t"), ("Server", "nginx")]))
    assert "s3cr3t" not in shown
    assert name in shown
    assert "nginx" in shown


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\r\nEvil: yes", "\x7f", "snow ☃"])
def test_values_that_could_inject_are_refused(bad: str) -> None:
    """No line end, NUL, control or non-latin character gets into a value; the text hides it."""
    with pytest.raises(ValueError) as caught:
        checked_pairs({"X-Token": f"s3cr3t{bad}"})
    assert "X-Token" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("bad", ["", "a b", "a:b", "a\r\nb", "ä", "a\0"])
def test_names_must_be_tokens(bad: str) -> None:
    """A name is a token (RFC 9110, 5.1)."""
    with pytest.raises(ValueError):
        checked_pairs([(bad, "value")])


@pytest.mark.parametrize("bad", [["ab"], [("a", 1)], [("a",)], ["a: b"], [("a", b"b")]])
def test_only_pairs_of_strings(bad: object) -> None:
    """Anything but pairs of strings is a mistake that is named, not unpacked by chance."""
    with pytest.raises(TypeError):
        checked_pairs(bad)  # type: ignore[arg-type]  # the very thing tested


def test_checked_pairs_takes_every_form() -> None:
    """A mapping, pairs, lists as pairs, and `Headers`; surrounding blanks go."""
    expected = [("A", "1")]
    assert checked_pairs({"A": " 1\t"}) == expected
    assert checked_pairs([("A", "1")]) == expected
    assert checked_pairs([["A", "1"]]) == expected  # type: ignore[list-item]  # lenient
    assert checked_pairs(Headers({"A": "1"})) == expected


@given(st.lists(st.tuples(st.text(), st.text())))
def test_what_passes_is_one_line(pairs: list[tuple[str, str]]) -> None:
    """Whatever passes the check can be written as exactly one line each."""
    try:
        checked = checked_pairs(pairs)
    except ValueError:
        return
    text = "".join(f"{name}: {value}\r\n" for name, value in checked)
    assert len(text.encode("latin-1").split(b"\r\n")) == len(checked) + 1
    assert b"\0" not in text.encode("latin-1")
