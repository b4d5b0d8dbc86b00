"""Runs Autobahn's cases against both of our sides, and compares with what is expected of them."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import msgspec

from tests.conformance import testee

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

Side = Literal["client", "server"]
"""Which of ours is under test."""

SIDES: Final[tuple[Side, ...]] = get_args(Side)

HERE: Final = Path(__file__).parent
EXPECTED: Final = HERE / "expected.json"
DEVIATIONS: Final = HERE / "deviations.toml"

TRIES: Final = 3
"""How often a case is run that turns out otherwise than expected. Many cases give the other side
half a second or a second, and a busy machine needs longer at times; alone, it has the machine."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What kosoku says of one case, and what helps to understand it."""

    case: str
    behavior: str
    behavior_close: str
    why: str = ""
    close_code: int | None = None
    milliseconds: int = 0
    expectation: str = ""

    @property
    def short(self) -> tuple[str, str]:
        """What is compared."""
        return self.behavior, self.behavior_close


PASSED: Final = ("OK", "OK")
"""What a case is expected to be that the file does not know yet."""

Expected = dict[str, dict[Side, tuple[str, str]]]
"""By case and side: behavior, and behavior at the close; ``OK or NON-STRICT`` if chance decides."""


def read_expected() -> Expected:
    """The committed file."""
    return msgspec.json.decode(EXPECTED.read_bytes(), type=Expected)


def write_expected(expected: Expected) -> None:
    """Write it anew, a line for each case."""
    lines = (
        f"  {json.dumps(case)}: {json.dumps(expected[case])}"
        for case in sorted(expected, key=order_of)
    )
    EXPECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


class Deviation(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that are not simply OK."""

    cases: list[str]
    what: str
    source: str
    text: str


def read_deviations() -> list[Deviation]:
    """Why some cases are not simply OK."""
    document = tomllib.loads(DEVIATIONS.read_text())
    return msgspec.convert(document["deviation"], type=list[Deviation])


def order_of(case: str) -> tuple[int, ...]:
    """In the order of the numbers."""
    return tuple(map(int, case.split(".")))


def chosen(cases: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """The cases that any of the patterns names, such as ``6.4.1`` or ``12.*``; all, without any."""
    return [
        case
        for case in cases
        if not patterns or any(fnmatch.fnmatchcase(case, pattern) for pattern in patterns)
    ]


# ---------------------------------------------------------------- runs


@contextlib.asynccontextmanager
async def _peer(*words: str) -> AsyncIterator[asyncio.StreamReader]:
    """The other side's process; gives what it prints, and it has ended when this ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "peer.py"), *words, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    except BaseException:
        process.kill()
        raise
    finally:
        code = await process.wait()
    if code != 0:
        raise RuntimeError(f"the process of kosoku ended with {code}")


async def all_cases() -> list[str]:
    """Every case that kosoku has."""
    async with _peer("list") as lines:
        listed: list[str] = json.loads(await lines.readline())
    return listed


async def run(side: Side, cases: Sequence[str], *, full: bool = False) -> dict[str, Verdict]:
    """Run these cases once, side by side, with one of ours."""
    words = [*(["--full"] if full else []), *cases]
    if side == "server":
        async with testee.server() as url, _peer("client", url, *words) as lines:
            return await _verdicts(lines)
    async with _peer("server", *words) as lines:
        port: int = json.loads(await lines.readline())["port"]
        await testee.client(port, len(cases))
        return await _verdicts(lines)


async def _verdicts(lines: asyncio.StreamReader) -> dict[str, Verdict]:
    found = [msgspec.json.decode(line, type=Verdict) async for line in lines]
    return {one.case: one for one in found}


async def judged(
    side: Side, cases: Sequence[str], expected: Expected, *, full: bool = False
) -> dict[str, Verdict]:
    """Run these cases; one that turns out otherwise than expected is run again, alone."""
    verdicts = await run(side, cases, full=full)
    for case in differing(side, cases, verdicts, expected):
        for _ in range(TRIES - 1):
            verdicts |= await run(side, [case], full=full)
            if not differing(side, [case], verdicts, expected):
                break
    return verdicts


def differing(
    side: Side, cases: Iterable[str], verdicts: Mapping[str, Verdict], expected: Expected
) -> dict[str, str]:
    """The cases that are better or worse than expected, and how."""
    return {
        case: told
        for case in cases
        if (told := _difference(verdicts.get(case), expected.get(case, {}).get(side, PASSED)))
    }


def allows(expected: tuple[str, str], verdict: Verdict) -> bool:
    """Whether it is what was expected; of ``OK or NON-STRICT`` it may be either."""
    behavior, at_close = expected
    return verdict.behavior in behavior.split(" or ") and verdict.behavior_close == at_close


def _difference(verdict: Verdict | None, expected: tuple[str, str]) -> str:
    if verdict is None:
        return "there is no verdict"
    if allows(expected, verdict):
        return ""
    return (
        f"{'/'.join(verdict.short)}, expected {'/'.join(expected)} (close code "
        f"{verdict.close_code}, {verdict.milliseconds} ms): {verdict.why}"
    )


def summed(verdicts: Mapping[str, Verdict]) -> dict[tuple[str, str], int]:
    """How many cases there are of each verdict."""
    counts: dict[tuple[str, str], int] = {}
    for verdict in verdicts.values():
        counts[verdict.short] = counts.get(verdict.short, 0) + 1
    return counts
