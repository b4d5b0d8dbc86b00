"""permessage-deflate with each peer that has it, in every combination that it can ask for."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import TYPE_CHECKING

import pytest

from tests.interop.meeting import Terms, meet
from tests.interop.roster import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.conftest import Processes
    from tests.interop.roster import Setting

pytestmark = pytest.mark.timeout(700)  # a first build is part of it

DEADLINE = 120
COMPRESSING = [one for one in SETTINGS if one.knows is not None]
VALUES: dict[str, tuple[object, ...]] = {
    "server_no_context_takeover": (None, ""),
    "client_no_context_takeover": (None, ""),
    "server_max_window_bits": (None, 9, 15),
    "client_max_window_bits": (None, 9, 15),
}


def combinations(setting: Setting) -> Iterator[dict[str, object]]:
    """What the peer is told of compression, each time otherwise."""
    names = sorted(setting.knows or ())
    for values in itertools.product(*(VALUES[name] for name in names)):
        chosen = dict(zip(names, values, strict=True))
        yield {name: value for name, value in chosen.items() if value is not None}


def messages() -> list[str | bytes]:
    """What compresses well and not at all, is smaller and larger than a window, and comes again."""
    noise = random.Random(7).randbytes(50_000)
    words = '{"price": 1.5, "größe": 7} ' * 40
    return [words, words, "", noise[:700], noise, noise + noise, words * 60, words]


def agreed(extensions: str) -> set[str]:
    """The parameters that the peer says were agreed on, with their values."""
    return {one.strip() for one in extensions.split(";")[1:]}


@pytest.mark.parametrize("setting", COMPRESSING, ids=str)
async def test_every_combination(setting: Setting, processes: Processes) -> None:
    """Whatever the peer asks for is agreed on, and messages come back as they were sent."""
    peer = processes.of(setting.name)
    for parameters in combinations(setting):
        terms = Terms(peer={"deflate": "", **parameters}, compression="deflate")
        async with asyncio.timeout(DEADLINE), meet(setting, peer, terms) as meeting:
            said = meeting.opened.get("extensions", "")
            if parameters:
                assert said.startswith("permessage-deflate"), parameters
                for name, value in parameters.items():
                    check(name, value, agreed(said))
            for data in messages():
                await meeting.ours.send(data)
                assert await meeting.ours.recv() == data, (parameters, len(data))


def check(name: str, value: object, found: set[str]) -> None:
    """A parameter is in the agreement; windows may be smaller than what was asked for."""
    if value == "":
        assert name in found, (name, found)
        return
    sizes = [int(one.partition("=")[2]) for one in found if one.startswith(f"{name}=")]
    assert name == "client_max_window_bits" or sizes, (name, found)
    assert all(size <= int(str(value)) for size in sizes), (name, value, found)


@pytest.mark.parametrize("setting", COMPRESSING, ids=str)
async def test_only_one_side_compresses(setting: Setting, processes: Processes) -> None:
    """Where only one side has compression switched on, nothing is compressed and all arrives."""
    peer = processes.of(setting.name)
    one_side: list[tuple[str | None, dict[str, object]]] = [
        ("deflate", {}),
        (None, {"deflate": ""}),
    ]
    for ours, theirs in one_side:
        terms = Terms(peer=theirs, compression=ours)
        async with asyncio.timeout(DEADLINE), meet(setting, peer, terms) as meeting:
            if ours is None:
                assert not meeting.opened.get("extensions")
            for data in messages():
                await meeting.ours.send(data)
                assert await meeting.ours.recv() == data
