"""Shows why reception stopped, and how it goes on: ``python -m examples.origin.show``.

Every program is a process of its own, on real sockets. What is in Rust is built first; without
cargo it is left out, and that is said.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import longwire
from examples.origin.server import Pager
from examples.origin.stage import Program, python
from longwire.chaos import Proxy
from tests.interop import toolchains

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECONDS: Final = 3.0
"""How long a program is watched, from when it has connected."""
LONGER: Final = 5.0
"""The same, where there are three faults to live through."""
POLLING: Final = "0.001"
STRIKES: Final = (
    "close code=1012 reason=deploy after='300 frames' crossings=1",
    "reset after='300 frames' crossings=2",
    "black-hole after='300 frames' crossings=3",
)
"""What the proxy does to the first, second and third connection of a program."""


class Actor(NamedTuple):
    """A program, and how it is started."""

    name: str
    command: list[str]
    """Without the URL, which comes next, and then what follows."""
    more: tuple[str, ...] = ()

    def at(self, url: str) -> Program:
        """The program, to be run against a server."""
        return Program([*self.command, url, *self.more])


def cast() -> tuple[list[Actor], list[Actor], list[Actor]]:
    """The programs that spin, that poll with a pause, and that do neither."""
    languages = {"Python": (python("faulty"), python("cured"))}
    try:
        languages["Rust"] = (toolchains.origin("faulty"), toolchains.origin("cured"))
    except toolchains.Missing as missing:
        print(f"!!! Without the programs in Rust: {missing}\n")
    spinning = [Actor(f"{name}, faulty", faulty) for name, (faulty, _) in languages.items()]
    polling = [
        Actor(f"{name}, faulty, polls every 1 ms", faulty, (POLLING,))
        for name, (faulty, _) in languages.items()
    ]
    cured = [Actor(f"{name}, cured", command) for name, (_, command) in languages.items()]
    return spinning, polling, [*cured, Actor("longwire", python("longwire_client"))]


def rate(program: Program, since: float) -> tuple[str, str]:
    """Chunks a second, and how busy it was, in its reports from a moment on."""
    reports = [one for one in program.reports if one.at >= since]
    if len(reports) < 2:
        return "?", "?"
    first, last = reports[0], reports[-1]
    seconds = last.at - first.at
    chunks = f"{(last.chunks - first.chunks) / seconds:.0f}"
    if first.busy is None or last.busy is None:
        return chunks, "?"
    return chunks, f"{(last.busy - first.busy) / seconds:.0%}"


async def part_one(actors: Iterable[Actor]) -> None:
    """Nothing goes wrong with the connection: only the writers differ."""
    print("1. No fault at all: what the writer costs the reader\n")
    print(f"   {'':34} chunks/s     busy")
    for actor in actors:
        pager = Pager()
        async with (
            longwire.serve(pager.attend, "127.0.0.1", 0) as server,
            actor.at(f"ws://127.0.0.1:{server.port}/") as program,
        ):
            await program.connected()
            await program.watch(SECONDS)
            chunks, busy = rate(program, program.said[0][0])
            print(f"   {actor.name:34} {chunks:>8} {busy:>8}", end="")
            print("" if program.chunks else f"   {pager.sent} chunks were sent to it")
    print()


async def part_two(actors: Iterable[Actor]) -> None:
    """The same faults for everybody."""
    print(
        "2. The same faults for all: a restart, a reset, a black hole, 300 frames after opening\n"
    )
    now = asyncio.get_running_loop().time
    for actor in actors:
        strikes: list[tuple[float, str]] = []

        def note(record: Mapping[str, Any], strikes: list[tuple[float, str]] = strikes) -> None:
            if record["action"] == "strikes":
                strikes.append((now(), f"fault: {record['fault']}"))

        async with (
            longwire.serve(Pager().attend, "127.0.0.1", 0) as server,
            Proxy(f"ws://127.0.0.1:{server.port}/", STRIKES, sink=note) as proxy,
            actor.at(proxy.url) as program,
        ):
            await program.connected()
            await program.watch(LONGER)
            print(f"   {actor.name}")
            tell(program, strikes)


def tell(program: Program, strikes: list[tuple[float, str]]) -> None:
    """What has happened to a program, in the order of time, and how it was in the end."""
    for at, what in sorted(program.said + strikes):
        print(f"     {at - program.began:5.2f} s  {what}")
    if not program.reports:
        print("     not one report\n")
        return
    last = program.reports[-1]
    print(f"     {last.at - program.began:5.2f} s  {last.chunks} chunks, {last.lost} bytes lost")
    chunks, busy = rate(program, last.at - 1.1)
    print(f"             in the last second {chunks} chunks/s, busy {busy}\n")


async def part_three() -> None:
    """The mistakes, made with longwire."""
    print("3. No fault, and the three mistakes made with longwire: it says where\n")
    async with (
        longwire.serve(Pager().attend, "127.0.0.1", 0) as server,
        Actor("", python("faulty_longwire")).at(f"ws://127.0.0.1:{server.port}/") as program,
    ):
        await program.connected()
        await program.watch(SECONDS)
        tell(program, [])


async def main() -> None:
    spinning, polling, cured = await asyncio.to_thread(cast)
    await part_one([*spinning, *polling, *cured])
    await part_two([*polling, Actor("Python, only the third mistake", python("joined")), *cured])
    await part_three()


if __name__ == "__main__":
    asyncio.run(main())
