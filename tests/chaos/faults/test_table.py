"""What holds for every fault: its name, its manual, its options, and what it claims."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import FAULTS, Proxy, parse_strike
from longwire.chaos.strike import CONDITIONS
from longwire.core.causes import CATALOGUE
from longwire.core.causes.instruments import matrix
from tests.chaos.faults.crossed import another, answered, over
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from longwire.chaos import Fault
    from longwire.testing import NumberedFeed

LONGEST_FILE = 130

every_fault = pytest.mark.parametrize("kind", FAULTS.values(), ids=FAULTS)


def source(kind: type[Fault]) -> Path:
    """The file of a fault."""
    return Path(str(sys.modules[kind.__module__].__file__))


def manual(kind: type[Fault]) -> str:
    """What a person reads about a fault."""
    return inspect.getdoc(kind) or ""


@every_fault
def test_it_has_a_file_of_its_own_with_its_name(kind: type[Fault]) -> None:
    """Of a length that a person reads at once, and with a test file beside it."""
    file = source(kind)
    assert file.stem == kind.name().replace("-", "_")
    assert FAULTS[kind.name()] is kind
    assert len(file.read_text().splitlines()) <= LONGEST_FILE
    assert (Path(__file__).parent / f"test_{file.stem}.py").exists()


@every_fault
def test_its_manual(kind: type[Fault]) -> None:
    """A line that says what it does, a paragraph that says who does so, and every option."""
    first, blank, rest = (manual(kind) + "\n\n").split("\n", 2)
    assert first.endswith((".", ":"))
    assert first == kind.about()
    assert not blank
    paragraph, _, attributes = rest.partition("Attributes:\n")
    assert paragraph.strip()
    documented = re.findall(r"^    (\w+): \S", attributes, re.MULTILINE)
    assert documented == list(kind.options())


@every_fault
def test_its_options(kind: type[Fault]) -> None:
    """Each has a default, none is called like a condition, and text is read as what it is."""
    fault = kind()
    assert not set(kind.options()) & set(CONDITIONS)
    defaults = {name: getattr(fault, name) for name in kind.options()}
    assert kind.made_of({name: str(value) for name, value in defaults.items()}) == fault
    assert kind.made_of(defaults) == fault
    line = " ".join([kind.name(), *(f"{name}='{value}'" for name, value in defaults.items())])
    assert parse_strike(line).fault == fault


@every_fault
def test_a_wrong_option_names_the_right_ones(kind: type[Fault]) -> None:
    """So that nobody has to look for them."""
    known = ", ".join(kind.options()) or "none"
    with pytest.raises(
        ValueError, match=f"^the fault {kind.name()} has no option 'colour'"
    ) as info:
        parse_strike(f"{kind.name()} colour=red")
    assert str(info.value).endswith(f"it has: {known}")


@every_fault
def test_what_it_reproduces(kind: type[Fault]) -> None:
    """Causes of the catalogue, each once; the matrix shows it there."""
    assert len(set(kind.reproduces)) == len(kind.reproduces)
    assert set(kind.reproduces) <= set(CATALOGUE)
    assert bool(kind.reproduces) is (kind.name() != "noop")
    cells = matrix()
    assert all(kind.name() in cells[cause]["chaos"] for cause in kind.reproduces)


@every_fault
def test_copies_share_nothing(kind: type[Fault]) -> None:
    """What one keeps to itself is not in another, so every place begins anew."""
    one = kind()
    for field in dataclasses.fields(kind):
        assert (
            field.init
            or field.name in {"lane", "crossing", "proxy", "chance"}
            or (
                field.name.startswith("_") and not isinstance(getattr(one, field.name), list | dict)
            )
        )


@every_fault
async def test_it_can_strike_and_end_at_any_time(feed: NumberedFeed, kind: type[Fault]) -> None:
    """Before anybody comes, on a connection that lives, and again; the next is none the worse."""
    async with Proxy(feed.url, [kind.name()], seed=1) as proxy:
        proxy.end(1)
        await listening_again(proxy)
        async with RawClient(proxy.url) as client:
            await client.open()
            link = await feed.link()
            for _ in range(2):
                order = proxy.strike(kind.name())
                feed.emit(3)
                client.send(b"x")
                await asyncio.sleep(0)
                proxy.end(order)
        await listening_again(proxy)
        async with another(proxy, feed) as (second, _):
            await answered(second)
        link.reset()
        await over(proxy)


async def listening_again(proxy: Proxy) -> None:
    """Wait until `refuse` and its end have been done."""
    await asyncio.sleep(0)
    async with proxy._listening:
        assert proxy._acceptor is not None


def test_the_name_of_a_fault_that_is_not_there() -> None:
    """One that is nearly right is guessed."""
    with pytest.raises(ValueError, match="did you mean black-hole"):
        parse_strike("blackhole")
