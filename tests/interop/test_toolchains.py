"""Peers are built once for each change, and what is missing is skipped, counted or a failure."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import longwire
from tests.interop import toolchains
from tests.interop.needs import EXPECTED, need
from tests.interop.toolchains import ROOT, Missing, found, once

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(700)  # a first build is part of it

LACKING = """
import pytest

@pytest.mark.parametrize("number", range(3))
def test_one(number):
    pytest.skip("needs go: it is not on this machine")

def test_other():
    pytest.skip("a reason of another kind")
"""


def absent() -> str:
    return found("longwire-no-such-tool")


def test_what_is_missing_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool that nobody has promised may be missing: the reason names it."""
    monkeypatch.setenv(EXPECTED, "go node")
    with pytest.raises(pytest.skip.Exception, match="needs longwire-no-such-tool: "):
        need(absent)


def test_what_must_be_there_is_not_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool on the list must be there: its absence is a failure."""
    monkeypatch.setenv(EXPECTED, "go longwire-no-such-tool")
    with pytest.raises(pytest.fail.Exception, match="needs longwire-no-such-tool: "):
        need(absent)


def test_the_end_of_a_run_counts_what_was_skipped(tmp_path: Path) -> None:
    """How many tests were skipped for which tool stands at the end; other skips are not counted."""
    (tmp_path / "test_lacking.py").write_text(LACKING)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "skipped for want of a tool: go: 3\n" in done.stdout, done.stdout + done.stderr


def test_a_build_is_kept_until_its_sources_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for once, again after a failure, and again when a file has changed."""
    monkeypatch.setattr(toolchains, "BUILT", tmp_path / "built")
    monkeypatch.setattr(toolchains, "PEERS", tmp_path)
    (tmp_path / "go").mkdir()
    source = tmp_path / "go" / "main.go"
    source.write_text("one")

    def asked() -> bool:
        with once("go") as is_new:
            return is_new

    with pytest.raises(Missing), once("go"):
        raise Missing("go", "the build failed")
    assert [asked(), asked()] == [True, False]
    source.write_text("two")
    assert [asked(), asked()] == [True, False]


async def test_the_fast_receiver_counts() -> None:
    """The receiver on tokio-tungstenite counts through its window, knocks, and takes the rest."""
    program = await asyncio.to_thread(need, toolchains.rust)
    knocked = asyncio.Event()
    sent = 0

    async def flood(link: longwire.Link) -> None:
        nonlocal sent
        while not knocked.is_set():
            await link.send(b"%08d" % sent)
            sent += 1

    def knock(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocked.set()
        writer.close()

    async with (
        asyncio.timeout(60),
        longwire.serve(flood, "127.0.0.1", 0) as server,
        await asyncio.start_server(knock, "127.0.0.1", 0) as door,
    ):
        url = f"ws://127.0.0.1:{server.port}/"
        port = door.sockets[0].getsockname()[1]
        receiver = await asyncio.create_subprocess_exec(
            *program, "measure", url, str(port), "0.01", "0.05", stdout=asyncio.subprocess.PIPE
        )
        out, _ = await receiver.communicate()
    said = json.loads(out)
    assert said["received"] == sent
    assert 0 < said["messages"] < sent
    assert said["seconds"] >= 0.05
    assert said["value"] == pytest.approx(said["messages"] / said["seconds"])
