"""One measurement: a fresh blaster, a fresh contestant, one number."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import trustme

from benchmarks.cores import kept_awake
from benchmarks.roster import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.roster import Case

ROOT = Path(__file__).resolve().parent.parent
_GRACE = 60.0  # seconds that a contestant may take for imports and for what is left in the buffers


class MeasurementFailed(Exception):
    """A contestant ended with an error, took too long, or lost messages."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How long and with what every measurement of a run is made."""

    seconds: float = 2.0
    """The measured window."""
    warmup: float = 0.5
    """What runs before it uncounted."""
    kind: str = "binary"
    """``binary`` or ``text`` frames."""


def measure(case: Case, settings: Settings) -> dict[str, float]:
    """Run one contestant in a process of its own; return what it printed.

    Raises:
        MeasurementFailed: there is no result, or it isn't to be trusted.
    """
    with ExitStack() as stack:
        if case.contestant.awake:
            stack.enter_context(kept_awake())
        tls = stack.enter_context(certificates()) if case.contestant.measure == "tls" else None
        server = stack.enter_context(blaster(tls))
        command = contestant_command(case, settings, server.port, tls)
        variables = environment() | dict(case.contestant.variables)
        result = _result(_run(command, variables, settings))
        if case.contestant.measure != "echo":
            sent = server.sent()
            if result["received"] != sent:
                raise MeasurementFailed(f"received {result['received']:.0f} of {sent} messages")
    return result


def contestant_command(
    case: Case, settings: Settings, port: int, tls: Certificates | None = None
) -> list[str]:
    """The command line of one contestant."""
    return [
        *(sys.executable, "-m", f"benchmarks.contestants.{case.contestant.module}"),
        *("--mode", case.contestant.mode),
        *("--port", str(port)),
        *("--size", str(case.size)),
        *("--seconds", str(settings.seconds)),
        *("--warmup", str(settings.warmup)),
        *("--kind", settings.kind),
        *("--service", SERVICES[case.contestant.measure]),
        *(["--authority", str(tls.authority)] if tls else []),
        *(["--deflate"] if case.contestant.measure == "deflate" else []),
    ]


def environment() -> dict[str, str]:
    """Ours, without proxies, which some contestants would ask for the way to loopback."""
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}


class Blaster:
    """A running blaster process."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self.port: int = self._fact("port")

    def sent(self) -> int:
        """How many messages the connection that has just ended was sent."""
        return self._fact("sent")

    def _fact(self, name: str) -> int:
        # Each line is asked for before the next one is printed, so none hides in the buffer.
        ready, _, _ = select.select([self._output], [], [], _GRACE)
        line = self._output.readline() if ready else ""
        if not line:
            raise MeasurementFailed(f"the blaster didn't say {name}")
        fact: int = json.loads(line)[name]
        return fact


class Certificates(NamedTuple):
    """For TLS between blaster and contestant: files."""

    of_blaster: Path
    """Its key, and the certificates that go with it."""
    authority: Path
    """What the contestant is to trust."""


@contextmanager
def certificates() -> Iterator[Certificates]:
    """A certificate for ``localhost``, from an authority that nobody else knows."""
    authority = trustme.CA()
    with TemporaryDirectory() as directory:
        told = Certificates(Path(directory, "blaster.pem"), Path(directory, "authority.pem"))
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
            str(told.of_blaster)
        )
        authority.cert_pem.write_to_path(str(told.authority))
        yield told


@contextmanager
def blaster(tls: Certificates | None) -> Iterator[Blaster]:
    """A blaster for one measurement; it ends with the block."""
    options = ["--certificate", str(tls.of_blaster)] if tls else []
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.blaster", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        if process.stdout is None:
            raise AssertionError("it was asked for")
        yield Blaster(process.stdout)  # leaving closes its standard input, which is its sign to end


def _run(command: Sequence[str], variables: dict[str, str], settings: Settings) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=variables,
            timeout=settings.warmup + settings.seconds + _GRACE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MeasurementFailed(f"no end after {error.timeout:g} s") from error
    if done.returncode != 0:
        last_line = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise MeasurementFailed(f"exit code {done.returncode}: {last_line}")
    return done.stdout


def _result(output: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return result
