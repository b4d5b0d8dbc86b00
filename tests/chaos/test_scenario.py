"""A scenario is read from a file, and played in its time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from longwire.chaos.scenario import load_scenario, scenario_names
from longwire.chaos.values import Amount
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from pathlib import Path

    from longwire.chaos.scenario import Scenario
    from longwire.testing import NumberedFeed

NAMED = {
    "deploy", "wifi-switch", "nat-timeout", "overloaded-peer",
    "gc-pause", "zombie", "reconnect-storm", "binance-24h",
}  # fmt: skip


def test_the_named_ones_can_be_loaded() -> None:
    """Each with a description, and a fault at least."""
    assert set(scenario_names()) == NAMED
    for name in NAMED:
        scenario = load_scenario(name)
        assert scenario.name == name
        assert scenario.about.strip()
        assert scenario.steps


def test_a_file_is_read(tmp_path: Path) -> None:
    """With its seed, moments, conditions, and whom each step strikes."""
    path = tmp_path / "mine.toml"
    path.write_text("""
        name = "my own"
        about = "What I saw."
        seed = 7
        [[fault]]
        at = "2s"
        name = "close"
        code = 1012
        [[fault]]
        at = 3
        name = "mute"
        lasting = "4s"
        whom = "there"
        [[fault]]
        name = "drop-every"
        n = 3
        after = "10 frames"
    """)
    scenario = load_scenario(path)
    assert (scenario.name, scenario.about, scenario.seed) == ("my own", "What I saw.", 7)
    assert [(step.at, step.strike.name, step.only_there) for step in scenario.steps] == [
        (2.0, "close", True),
        (3.0, "mute", True),
        (0.0, "drop-every", False),
    ]
    assert scenario.length == 7.0


def test_it_can_be_played_faster(tmp_path: Path) -> None:
    """Every length of time is divided; counts and rates stay."""
    path = tmp_path / "mine.toml"
    path.write_text("""
        [[fault]]
        at = "10s"
        name = "age-cut"
        age = "24h"
        after = "20s"
        [[fault]]
        name = "mute"
        lasting = "50 frames"
    """)
    first, second = load_scenario(path).faster(10).steps
    assert (first.at, first.strike.after) == (1.0, Amount(seconds=2.0))
    assert first.strike.fault == type(first.strike.fault).made_of({"age": 8640.0})
    assert second.strike.lasting == Amount(frames=50)
    for factor in (0.0, -1.0, 1e-320, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="positive factor"):
            load_scenario(path).faster(factor)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[fault]", "mine.toml"),
        ("name = 'x'", "it has no faults"),
        ("", "it has no faults"),
        ("fault = 3", "it has no faults"),
        ("fault = [3]", "it has no faults"),
        ("fault = ['name']", "it has no faults"),
        ("seed = 'x'\n[[fault]]\nname = 'mute'", "seed must be a whole number, not 'x'"),
        ("seed = true\n[[fault]]\nname = 'mute'", "seed must be a whole number, not True"),
        ("name = 3\n[[fault]]\nname = 'mute'", "name must be text, not 3"),
        ("about = []\n[[fault]]\nname = 'mute'", "about must be text, not []"),
        ("speed = 3\n[[fault]]\nname = 'mute'", "nobody knows what 'speed' is"),
        ("[[fault]]\nat = 3", "fault 1: it has no name"),
        ("[[fault]]\nname = 'mute'\n[[fault]]\nname = 'mut'", "fault 2: no fault is called 'mut'"),
        ("[[fault]]\nname = 3", "fault 1: name must be text, not 3"),
        ("[[fault]]\nname = 'mute'\nmatching = 3", "fault 1: matching: 3 is no text"),
        ("[[fault]]\nname = 'mute'\nwhom = 'me'", "whom: 'me'"),
        ("[[fault]]\nname = 'mute'\nwhom = ['all']", "whom: ['all']"),
        ("[[fault]]\nname = 'mute'\nat = 'noon'", "fault 1: at: 'noon' is no"),
        ("[[fault]]\nname = 'mute'\nat = -1", "fault 1: at: -1 is no"),
        ("[[fault]]\nname = 'drop-every'\nn = inf", "fault 1: the fault drop-every, n: inf is no"),
    ],
)
def test_a_file_that_makes_no_sense(tmp_path: Path, text: str, problem: str) -> None:
    """The error says where, and what."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"mine\.toml") as error:
        load_scenario(path)
    assert problem in str(error.value)


def test_a_scenario_that_is_not_there() -> None:
    """A name that is none is told with those there are; a file is looked for by its name."""
    with pytest.raises(ValueError, match="there are binance-24h, deploy"):
        load_scenario("deplay")
    with pytest.raises(OSError, match=r"nowhere\.toml"):
        load_scenario("nowhere.toml")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """It is named, as every other."""
    path = tmp_path / "mine.toml"
    path.write_bytes(b"about = '\xff'")
    with pytest.raises(ValueError, match=r"mine\.toml: it is not UTF-8"):
        load_scenario(path)


@pytest.fixture
def deploy() -> Scenario:
    """Read where no event loop waits for it."""
    return load_scenario("deploy").faster(50)


async def test_it_happens_in_its_time(feed: NumberedFeed, deploy: Scenario) -> None:
    """A goodbye, nobody there, and back again, but mute for a while."""
    async with Proxy(feed.url, seed=1) as proxy:
        async with RawClient(proxy.url) as client:
            await client.open()
            deploy.play(proxy)
            assert (await client.frame()).payload[:2] == (1012).to_bytes(2, "big")
            await proxy.journal.until("refuses")
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", proxy.port)
            await proxy.journal.until("ends", fault="refuse")
            await proxy.journal.until("listens", times=2)
        async with RawClient(proxy.url) as second:
            await second.open()
        actions = [one["action"] for one in proxy.journal if one.get("fault") == "refuse"]
        assert actions == ["strikes", "ends"]


async def test_a_fault_that_was_ended_by_hand_does_not_end_again(feed: NumberedFeed) -> None:
    """The timeline goes on, and disturbs nothing."""
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    async with Proxy(feed.url) as proxy:
        scenario = await asyncio.to_thread(load_scenario, "deploy")
        scenario.faster(100).play(proxy)
        await proxy.journal.until("strikes", fault="refuse")
        (order,) = (number for number, one in proxy.strikes.items() if one.name == "refuse")
        proxy.end(order)
        passed = asyncio.Event()
        proxy.later(0.1, passed.set)
        await passed.wait()
    assert failures == []
