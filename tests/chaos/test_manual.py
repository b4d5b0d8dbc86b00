"""What a fault says of itself, for programs and for people."""

from __future__ import annotations

import json

import pytest

from longwire.chaos.catalogue import FAULTS
from longwire.chaos.manual import options_of, page_of, record_of
from longwire.chaos.strike import parse_strike


@pytest.mark.parametrize("name", FAULTS)
def test_what_stands_in_the_page_can_be_written(name: str) -> None:
    """The options of the page, as they stand there, make the very fault that is the default."""
    kind = FAULTS[name]
    written = [
        line.strip().partition("  (")[0]
        for line in page_of(kind).partition("Written as:\n")[2].splitlines()
        if "=" in line and "  (" in line
    ]
    assert len(written) == len(options_of(kind))
    made = parse_strike(" ".join([name, *written])).fault
    assert made == kind()


@pytest.mark.parametrize("name", FAULTS)
def test_a_record_is_json(name: str) -> None:
    """Whatever its options are, a program can read of them."""
    record = json.loads(json.dumps(record_of(FAULTS[name])))
    assert record["name"] == name
    assert record["about"] == FAULTS[name].about()
    assert [one["name"] for one in record["options"]] == list(FAULTS[name].options())
    assert record["reproduces"] == list(FAULTS[name].reproduces)


def test_a_page_tells_where_it_works_and_what_it_reproduces() -> None:
    """Scope, direction, options by name, causes with their titles."""
    page = page_of(FAULTS["close"])
    assert page.startswith("close: Send the client a close frame")
    assert "Options:\n    code: The close code" in page
    assert "Works on a connection with both its directions; direction=s2c by default" in page
    assert "it happens in one moment" in page
    assert "    code=1011  (a whole number)" in page
    assert "    reason=''  (text)" in page
    assert "    deploy-restart: " in page
