"""Many messages each way, compared by digest: none is lost, doubled, changed or out of place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import longwire
from tests.interop.digests import exchange
from tests.interop.meeting import Terms, meet
from tests.interop.roster import SETTINGS

if TYPE_CHECKING:
    from tests.interop.conftest import Processes
    from tests.interop.roster import Setting

pytestmark = [pytest.mark.timeout(900), pytest.mark.slow]

DEADLINE = 300
COUNT = 100_000 if longwire.COMPILED else 2_000
"""The whole number is for the compiled modules; the pure ones parse the same frames by hand."""


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
async def test_digests_agree(setting: Setting, processes: Processes) -> None:
    """What the peer got is what we sent, and what we got is what the peer sent."""
    peer = processes.of(setting.name)
    async with asyncio.timeout(DEADLINE), meet(setting, peer, Terms(path="/digest")) as meeting:
        await exchange(meeting.ours, COUNT)
