"""Numbers and streams read out of JSON without decoding it, against `json`, which decodes it.

What `count_good` counts is, by `json`, message after message the next of its stream.
"""

from __future__ import annotations

import json
from typing import Any

from longwire.client.jsonfields import JsonFields
from tests.fuzz.take import Take

PARTS = ["{", "}", "[", "]", ":", ",", '"', "\\", '"n":', '"a":', '"s":', '"x"', " ", "null", "1.5"]
PARTS += ['"\\u006e":', '"a":{"n":', "-", "e1", '"s":"x"', '"s":"\\u0078"', "true", '"é"', "0"]


class Repeated(Exception):
    """A name that an object has twice: which of them counts is not said (RFC 8259, 4)."""


def check(data: bytes) -> None:
    """Some messages, made of pieces of JSON, with numbers that mostly follow."""
    take = Take(data)
    number = take.one_of(["n", "a.n"])
    stream = take.one_of([None, "s"])
    fields = JsonFields(number, stream)
    first = take.one_of([0, 7, 8, 98, 10**16])
    before: dict[Any, Any] = {None: first} if stream is None else {"x": first, "é": first}
    messages: list[str | bytes] = []
    following = first
    while not take.done and len(messages) < 12:
        following += 1
        text = message_of(take, following, number)
        messages.append(text.encode() if take.flag() else text)
    last = dict(before)
    good = fields.count_good(messages, last)
    assert 0 <= good <= len(messages)
    followed = [follow(fields, message, before, stream) for message in messages[:good]]
    for message in messages[good:]:
        ask(fields, message, stream)
    if all(followed):
        assert last == before


def message_of(take: Take, number: int, path: str) -> str:
    """A message; the byte 0xFF stands for its number."""
    if take.flag():
        inner = f'"n":{number}' if path == "n" else f'"a":{{"n":"{number}"}}'
        return f'{{"s":"x",{take.one_of([" ", "", chr(10)])}{inner},"rest":{len(take.some())}}}'
    parts = (PARTS[one] if one < len(PARTS) else str(number) for one in take.some())
    return "{" * take.flag() + "".join(parts)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise Repeated
    return dict(pairs)


def follow(
    fields: JsonFields, message: str | bytes, last: dict[Any, Any], stream: str | None
) -> bool:
    """It was counted, and is the next of its stream or has no number; or else is not good JSON.

    What is behind the number is not looked at, so there `json` has nothing to say, from then on.
    """
    try:
        json.loads(message, object_pairs_hook=unique)
    except (ValueError, Repeated, RecursionError):
        last.clear()
        return False
    found = fields.number(message)
    if found is None or not last:
        return True
    name = None if stream is None else fields.stream(message)
    assert last[name] == found - 1
    last[name] = found
    return True


def ask(fields: JsonFields, message: str | bytes, stream: str | None) -> None:
    """It was not counted: asked for its number, it gives it, or says with `ValueError` why not."""
    try:
        found = fields.number(message)
        assert found is None or isinstance(found, int)
        if stream is not None:
            assert isinstance(fields.stream(message), str)
    except ValueError:
        pass
