"""Builds the programs that are not written in Python, once for each checkout and each change.

``python -m tests.interop.toolchains`` builds what can be built here and says what cannot; with the
names of `BUILDS` behind it, only those. What is built is kept in ``build/interop``, and using it
needs no network.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent.parent
PEERS = Path(__file__).parent / "peers"
ORIGIN = ROOT / "examples" / "origin" / "rust"
SCOREBOARD = ROOT / "scoreboard" / "clients"
BUILT = ROOT / "build" / "interop"
PATIENCE = 600.0
"""Seconds that one build may take."""

Command = list[str]


class Missing(Exception):
    """A tool that this machine does not have, or that does not do here what is asked of it."""

    def __init__(self, tool: str, reason: str) -> None:
        super().__init__(f"needs {tool}: {reason}")
        self.tool = tool


def found(tool: str, *others: str) -> str:
    """The path of a program, under the first of its names that is there.

    Raises:
        Missing: it is not on this machine.
    """
    for name in (tool, *others):
        path = shutil.which(name)
        if path is not None:
            return path
    raise Missing(tool, "it is not on this machine")


def rust() -> Command:
    """The peer on tokio-tungstenite; with ``receive URL COUNT`` behind it, a fast receiver."""
    return [str(crate("rust", PEERS / "rust") / "longwire-interop")]


def origin(program: str = "faulty") -> Command:
    """A program of ``examples/origin/rust``."""
    return [str(crate("origin", ORIGIN) / program)]


def tungstenite() -> Command:
    """The scoreboard's client on tokio-tungstenite."""
    return [str(crate("tungstenite", SCOREBOARD / "tungstenite") / "longwire-scoreboard")]


def crate(name: str, sources: Path) -> Path:
    """Where the programs of a crate are; what crates have in common is compiled once."""
    target = BUILT / "rust"
    cargo = found("cargo")
    command = [cargo, "build", "--release", "--locked", "--quiet", "--target-dir", str(target)]
    with once(name, sources) as is_new:
        if is_new:
            run("cargo", command, sources)
    return target / "release"


def go() -> Command:
    """The peer on coder/websocket."""
    program = BUILT / "go" / "peer"
    command = [found("go"), "build", "-o", str(program), "."]
    with once("go") as is_new:
        if is_new:
            run("go", command, PEERS / "go")
    return [str(program)]


def node(program: str = "peer.mjs") -> Command:
    """A program of ``peers/node``, where Node finds `ws`."""
    return package("node", PEERS / "node", program)


def reconnecting() -> Command:
    """The scoreboard's client on Node's `ws` and `reconnecting-websocket`."""
    return package("reconnecting", SCOREBOARD / "node", "client.mjs")


def package(name: str, sources: Path, program: str) -> Command:
    """A program of a package for Node, beside what it depends on."""
    home = BUILT / name
    npm = found("npm")
    with once(name, sources) as is_new:
        if is_new:
            shutil.copytree(sources, home, dirs_exist_ok=True)
            run("npm", [npm, "ci", "--silent", "--no-audit", "--no-fund"], home)
    return [found("node", "nodejs"), str(home / program)]


def browser() -> Command:
    """The peer in Chromium; nothing is built."""
    found("chromium-headless-shell", "chromium", "google-chrome")
    return [sys.executable, "-m", "tests.interop.peers.browser_peer"]


BUILDS: dict[str, Callable[[], Command]] = {
    "cargo": rust,
    "go": go,
    "node": node,
    "chromium-headless-shell": browser,
    "origin": origin,
    "tungstenite": tungstenite,
    "reconnecting": reconnecting,
}
"""What can be built: the peers by the tool that they need, the others by name."""


@contextlib.contextmanager
def once(name: str, sources: Path | None = None) -> Iterator[bool]:
    """Whether it must be built: it has not been, or its sources have changed since.

    Several workers of the tests ask at a time: the first builds, and the others wait for it. What
    fails is tried again. The sources of a peer are found by its name.
    """
    home = BUILT / name
    home.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    for file in sorted((sources or PEERS / name).rglob("*")):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    with (BUILT / f"{name}.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        is_new = lock.read() != digest.hexdigest()
        yield is_new
        if is_new:
            lock.truncate(0)
            lock.write(digest.hexdigest())


def run(tool: str, command: Command, where: Path) -> None:
    """Run a build.

    Raises:
        Missing: it failed, or took too long.
    """
    try:
        done = subprocess.run(
            command, cwd=where, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise Missing(tool, f"the build took more than {PATIENCE:.0f} s") from None
    if done.returncode:
        raise Missing(tool, f"the build failed:\n{done.stderr[-2000:]}")


def main() -> None:
    for tool in sys.argv[1:] or BUILDS:
        build = BUILDS[tool]
        started = time.monotonic()
        try:
            build()
        except Missing as missing:
            print(f"{tool}: {missing}")
        else:
            print(f"{tool}: ready after {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
