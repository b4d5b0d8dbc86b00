"""nginx and HAProxy between a client and a server: plain and TLS in front, plain behind.

Each inherits its listening sockets, so no port is taken between our choice and its start, and a
client that comes before the proxy is ready waits instead of being refused.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.interop.toolchains import found

if TYPE_CHECKING:
    from types import TracebackType

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a proxy is to do.

    Args:
        home: A directory for its files; ``server.pem`` in it has key and certificate.
        backend: The port that it forwards to.
        idle: Seconds without a byte after which it cuts.
    """

    home: Path
    backend: int
    idle: float = 60.0


class Proxy:
    """What both have in common: each runs inside ``with``.

    Args:
        plan: What it is to do.
    """

    ANSWERS = 0
    """With which status, where the server behind is away."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.plain, self.tls = (one.getsockname()[1] for one in self._sockets)

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def configured(self, template: str, **fields: object) -> Path:
        text = (HERE / template).read_text()
        known = {
            "HOME": self._plan.home,
            "BACKEND": self._plan.backend,
            "IDLE": round(self._plan.idle * 1000),
            **fields,
        }
        for name, value in known.items():
            text = text.replace(f"@{name}@", str(value))
        path = self._plan.home / template
        path.write_text(text)
        return path

    def __enter__(self) -> Self:
        descriptors = [one.fileno() for one in self._sockets]
        self._log = (self._plan.home / "output.log").open("wb")
        self._process = subprocess.Popen(
            self.command(),
            env=self.environment(),
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)
        self._log.close()
        for one in self._sockets:
            one.close()


class Nginx(Proxy):
    """nginx; it takes the sockets that the variable NGINX names, as it does from an elder self."""

    ANSWERS = 502

    def command(self) -> list[str]:
        path = self.configured("nginx.conf", PLAIN=self.plain, TLS=self.tls)
        home = str(self._plan.home)
        return [found("nginx"), "-p", home, "-e", f"{home}/error.log", "-c", str(path)]

    def environment(self) -> dict[str, str]:
        descriptors = "".join(f"{one.fileno()};" for one in self._sockets)
        return {**os.environ, "NGINX": descriptors}

    def reload(self) -> None:
        """Read the configuration anew: links of before are ended after a short time."""
        self._process.send_signal(signal.SIGHUP)


class Haproxy(Proxy):
    """HAProxy."""

    ANSWERS = 503

    def command(self) -> list[str]:
        plain, tls = (one.fileno() for one in self._sockets)
        path = self.configured("haproxy.cfg", PLAIN_FD=plain, TLS_FD=tls)
        return [found("haproxy"), "-db", "-f", str(path)]


PROXIES: dict[str, type[Proxy]] = {"nginx": Nginx, "haproxy": Haproxy}
