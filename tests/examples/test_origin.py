"""The programs of `examples/origin` do what its story says of them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import longwire
from examples.origin import show
from examples.origin.pages import CHUNK, HEAD, Place, chunks_of
from examples.origin.server import Pager
from examples.origin.stage import Program, python
from longwire.chaos import Proxy
from tests.interop import toolchains
from tests.interop.needs import need

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.timeout(700)  # a first build is part of it

PATIENCE = 60.0
BURNT = 1.0
"""Seconds that a program has been busy before it counts as spinning."""
MORE = 100
"""Chunks that come after a fault before a program counts as receiving again."""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="only Linux tells how busy another process is"
)


def origin_faulty() -> list[str]:
    return toolchains.origin("faulty")


def origin_cured() -> list[str]:
    return toolchains.origin("cured")


FAULTY = pytest.mark.parametrize(
    "build", [lambda: python("faulty"), origin_faulty], ids=["Python", "Rust"]
)
CURED = pytest.mark.parametrize(
    "build",
    [lambda: python("cured"), origin_cured, lambda: python("longwire_client")],
    ids=["Python", "Rust", "longwire"],
)


@pytest.fixture
def pager() -> Pager:
    """What the server does."""
    return Pager()


@pytest.fixture
async def url(pager: Pager) -> AsyncIterator[str]:
    """Where the server is."""
    async with longwire.serve(pager.attend, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.port}/"


@asynccontextmanager
async def running(build: Callable[[], list[str]], *arguments: str) -> AsyncIterator[Program]:
    """A program that must do in time what the test waits for."""
    command = await asyncio.to_thread(need, build)
    async with Program([*command, *arguments]) as program, asyncio.timeout(PATIENCE):
        yield program


# ---------------------------------------------------------------- the server


async def chunk_from(client: longwire.Client) -> bytes:
    message = await client.recv()
    assert isinstance(message, bytes)
    return message


async def test_a_page_comes_in_chunks_of_4096_bytes(url: str) -> None:
    """Twenty-four of them and the rest; where each belongs stands in its head."""
    async with longwire.connect(url) as client:
        assert await client.recv() == "welcome"
        await client.send(Place().request())
        chunks = [await chunk_from(client) for _ in range(25)]
    assert [len(chunk) for chunk in chunks] == [CHUNK] * 24 + [1696]
    assert [HEAD.unpack_from(chunk) for chunk in chunks] == [(0, CHUNK * n) for n in range(25)]


async def test_who_has_a_part_of_a_page_asks_for_the_rest(url: str) -> None:
    """A page begins where the request says."""
    place = Place()
    for chunk in list(chunks_of(0))[:23]:
        place.take(chunk)
    async with longwire.connect(url) as client:
        await client.recv()
        await client.send(place.request())
        for is_last in (False, True):
            assert place.take(await chunk_from(client)) == is_last
    assert str(place) == "received 25 chunks, lost 0 bytes"


@pytest.mark.parametrize(
    "request_",
    [
        "page 3",
        "[]",
        '{"page": 3}',
        '{"page": -1, "from": 0}',
        '{"page": 4294967296, "from": 0}',
        '{"page": 0, "from": 1}',
        '{"page": 0, "from": 102400}',
    ],
)
async def test_what_is_no_request_ends_the_link(url: str, request_: str) -> None:
    """The server says so, with the code for what breaks its rules."""
    async with longwire.connect(url, retry=None) as client:
        await client.recv()
        await client.send(request_)
        with pytest.raises(longwire.LongwireError) as caught:
            await client.recv()
    assert "1008" in str(caught.value)


def test_a_place_counts_what_is_lost_and_not_what_comes_again() -> None:
    """Between two chunks that do not meet, bytes are lost; a chunk from before counts no more."""
    first, second, third, *_ = chunks_of(0)
    place = Place()
    for chunk in (first, first, third, second):
        place.take(chunk)
    assert str(place) == f"received 2 chunks, lost {len(second)} bytes"


# ---------------------------------------------------------------- the programs


async def receives_on(program: Program) -> None:
    """Wait until it has received more; its next report may still be of what was before."""
    reports = len(program.reports)
    await program.until(lambda: len(program.reports) > reports)
    chunks = program.chunks
    await program.until(lambda: program.chunks > chunks + MORE)


async def reports_on(program: Program) -> None:
    """Wait until it has reported some times more."""
    reports = len(program.reports)
    await program.until(lambda: len(program.reports) > reports + 3)


async def burns(program: Program) -> None:
    """Wait until it has been busy for a while: longer than anything was under way."""
    busy = program.busy
    await program.until(lambda: program.busy > busy + BURNT)


async def says(program: Program, what: str) -> None:
    """Wait until it has said something."""
    await program.until(lambda: any(what in words for _, words in program.said))


@needs_proc
@FAULTY
async def test_a_writer_that_spins_stops_the_reader(
    build: Callable[[], list[str]], url: str, pager: Pager
) -> None:
    """What was asked for has been sent, a processor is busy, and not one chunk is received."""
    async with running(build, url) as program:
        await program.until(lambda: pager.sent == 25 and program.busy > BURNT)
        assert program.chunks == 0


@needs_proc
@FAULTY
async def test_an_end_that_is_swallowed_stops_everything(
    build: Callable[[], list[str]], url: str
) -> None:
    """It receives until the server says goodbye; then it is busy, silent, and never comes back."""
    async with Proxy(url) as proxy, running(build, proxy.url, "0.001") as program:
        await receives_on(program)
        proxy.strike("close code=1012 reason=deploy")
        await proxy.journal.until("strikes")
        await burns(program)
        chunks = program.chunks
        await burns(program)
        assert program.chunks == chunks
        assert len(program.said) == 1
        assert len(proxy.journal.find("accepts")) == 1


async def test_who_waits_for_both_hears_of_neither(url: str) -> None:
    """The reader has ended with its error; the program is quiet, and does not know."""
    # In the midst of a page: behind a whole one, a last request would tell the writer, too.
    strikes = ["close code=1012 after='300 frames'"]
    async with (
        Proxy(url, strikes) as proxy,
        running(lambda: python("joined"), proxy.url) as program,
    ):
        await program.until(lambda: program.chunks == 299)
        await proxy.journal.until("over")
        await reports_on(program)
        assert program.chunks == 299
        assert len(program.said) == 1


@CURED
async def test_without_the_mistakes_it_goes_on(build: Callable[[], list[str]], url: str) -> None:
    """After a goodbye, a reset and a black hole it is back each time, and has lost nothing."""
    faults = ["close code=1012 reason=deploy", "reset", "black-hole"]
    async with Proxy(url) as proxy, running(build, proxy.url) as program:
        for fault in faults:
            await receives_on(program)
            connections = len(proxy.journal.find("accepts"))
            proxy.strike(fault, only_now=True)
            await proxy.journal.until("accepts", times=connections + 1)
        await receives_on(program)
        assert program.reports[-1].lost == 0


async def test_longwire_names_the_causes(url: str) -> None:
    """Its log says why, in the words of the catalogue."""
    async with (
        Proxy(url) as proxy,
        running(lambda: python("longwire_client"), proxy.url) as program,
    ):
        await receives_on(program)
        proxy.strike("close code=1012", only_now=True)
        await says(program, "[deploy-restart]")
        await receives_on(program)
        proxy.strike("black-hole", only_now=True)
        await says(program, "[half-open-undetected]")


async def test_longwire_names_the_line_that_spins(url: str) -> None:
    """The same mistakes stop the same reader; but the link lives, and the log says where."""
    async with running(lambda: python("faulty_longwire"), url) as program:
        await says(program, "faulty_longwire.py:")
        (told,) = (words for _, words in program.said if "blocked at" in words)
        assert "in write" in told
        assert program.chunks == 0


# ---------------------------------------------------------------- the show


def test_what_cannot_be_built_is_left_out_aloud(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without cargo there is no Rust, and that is the first thing said."""

    def missing(program: str) -> list[str]:
        raise toolchains.Missing("cargo", "it is not on this machine")

    monkeypatch.setattr(toolchains, "origin", missing)
    spinning, polling, cured = show.cast()
    assert [len(spinning), len(polling), len(cured)] == [1, 1, 2]
    assert "needs cargo: it is not on this machine" in capsys.readouterr().out
