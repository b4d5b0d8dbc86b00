"""One run of ``longwire chaos``: a proxy, what strikes, who may give orders, what is told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from longwire.chaos.control import Control, check_token, control_place, host_and_port
from longwire.chaos.kernel import KernelPath
from longwire.chaos.netem import netem_arguments
from longwire.chaos.proxy import Proxy
from longwire.chaos.scenario import Scenario, load_scenario
from longwire.chaos.strike import Strike, parse_strike
from longwire.cli.certificate import certificate_context
from longwire.cli.chaos import keys
from longwire.cli.chaos.signals import on_signals
from longwire.cli.chaos.teller import Teller
from longwire.cli.connection import unchecked
from longwire.cli.failures import FINDING, WrongUsage, fail
from longwire.errors import ConnectError, LongwireError
from longwire.link.address import parse_address
from longwire.link.tls import TLS

if TYPE_CHECKING:
    import argparse
    import socket
    import ssl
    from collections.abc import Iterator, Sequence

TOKEN = "LONGWIRE_CHAOS_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable with the token of ``--control``; where it is not set one is drawn."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, all of it checked."""

    proxy: dict[str, Any]
    """The arguments of `Proxy`."""
    strikes: tuple[Strike, ...]
    scenario: Scenario | None
    control: str | None
    kernel: str | None
    """What the kernel does to packets; None: it does as always."""
    duration: float | None
    as_json: bool


def play(arguments: argparse.Namespace) -> int:
    """Stand in between until Ctrl-C or the time that was set. Returns the exit code.

    Raises:
        AddressError: the URL is none.
        WrongUsage: something else cannot be meant.
    """
    plan = plan_of(arguments)
    try:
        with _log(arguments) as log:
            asyncio.run(Run(plan, sys.stdout, log).run())
    except ConnectError as error:
        # It is about listening, not about connecting to somebody.
        return fail(error, as_json=plan.as_json, code=FINDING)
    except ExceptionGroup as group:
        # To listen again, behind a fault that refuses, is a task of the proxy's.
        listening, others = group.split(ConnectError)
        if listening is None or others is not None:
            raise
        return fail(_first_of(listening), as_json=plan.as_json, code=FINDING)
    except KeyboardInterrupt:
        pass
    return 0


def plan_of(arguments: argparse.Namespace) -> Plan:
    """The plan that the command line means.

    Raises:
        AddressError: the URL is none.
        WrongUsage: something else cannot be meant.
    """
    to = parse_address(arguments.to)
    if (arguments.to_ca or arguments.to_insecure) and not to.secure:
        raise WrongUsage("--to-ca and --to-insecure are for a server at wss://")
    if arguments.speed and not arguments.scenario:
        raise WrongUsage("--speed needs a --scenario")
    try:
        host, port = host_and_port(arguments.listen)
        strikes = tuple(parse_strike(one) for one in arguments.fault)
        scenario = _scenario(arguments)
        if arguments.control is not None:
            control_place(arguments.control)
            _check_given_token()
        if arguments.kernel is not None:
            _check_kernel(arguments.kernel, host)
        tls, to_tls = certificate_context(arguments), _to_tls(arguments)
    except (ValueError, OSError) as error:
        raise WrongUsage(str(error)) from error
    seed = arguments.seed
    if seed is None and scenario is not None:
        seed = scenario.seed
    return Plan(
        proxy={
            "to": arguments.to,
            "host": host,
            "port": port,
            "tls": tls,
            "to_tls": to_tls,
            "seed": seed,
            "compression": arguments.compression,
        },
        strikes=strikes,
        scenario=scenario,
        control=arguments.control,
        kernel=arguments.kernel,
        duration=arguments.duration,
        as_json=arguments.json,
    )


class Run:
    """One run of the command.

    Args:
        plan: What is to happen.
        out: Where the journal is printed.
        log: Where it is added to, if anywhere.
    """

    def __init__(self, plan: Plan, out: TextIO, log: TextIO | None) -> None:
        self._plan = plan
        self._over = asyncio.Event()
        self._teller = Teller(out, log, as_json=plan.as_json, stop=self._over.set)

    async def run(self) -> None:
        """Stand in between until the end.

        Raises:
            ConnectError: it cannot listen.
            LongwireError, OSError: what is told cannot be written.
        """
        async with contextlib.AsyncExitStack() as stack:
            if sys.platform != "win32":
                # Ended by others it leaves the terminal and its socket as clean as ended by its
                # user, also while it begins.
                stack.enter_context(on_signals(self._over.set, signal.SIGTERM, signal.SIGHUP))
            proxy = await self._proxy(stack)
            proxy.journal.tell("starts", url=proxy.url, to=str(proxy.to), seed=proxy.seed)
            if self._plan.control is not None:
                await self._take_orders(stack, proxy, self._plan.control)
            self._read_keys(stack, proxy)
            for strike in self._plan.strikes:
                proxy.strike(strike)
            if self._plan.scenario is not None:
                self._plan.scenario.play(proxy)
            await self._wait()
        self._teller.check()

    async def _proxy(self, stack: contextlib.AsyncExitStack) -> Proxy:
        made = {**self._plan.proxy, "sink": self._teller.record}
        if self._plan.kernel is not None:
            path = await self._kernel_path(stack, self._plan.kernel)

            async def inside(_: str, port: int) -> Sequence[socket.socket]:
                return [await path.listen(port)]

            made |= {"host": path.host, "listen": inside}
        return await stack.enter_async_context(Proxy(**made))

    async def _kernel_path(self, stack: contextlib.AsyncExitStack, what: str) -> KernelPath:
        try:
            path = await stack.enter_async_context(KernelPath())
            if what:
                await path.shape(what)
        except OSError as error:
            raise LongwireError(f"--kernel cannot be used here: {error}") from error
        return path

    async def _take_orders(
        self, stack: contextlib.AsyncExitStack, proxy: Proxy, where: str
    ) -> None:
        given = _given_token()
        control = await stack.enter_async_context(Control(proxy, where, token=given))
        proxy.journal.tell("controls", where=control.url)
        if given is None:
            # Nowhere else: it is a secret, and what goes to stdout or a log is kept.
            _say(f"Authorization: Bearer {control.token}")

    def _read_keys(self, stack: contextlib.AsyncExitStack, proxy: Proxy) -> None:
        try:
            terminal = sys.stdin.fileno()
        except (AttributeError, ValueError):
            return  # there is no standard input, or it is closed, or no file
        if keys.can_be_read(terminal):
            pressed = keys.Keys(proxy, say=_say, leave=self._over.set)
            stack.enter_context(keys.keyboard(terminal, pressed.press))
            _say(keys.HELP)

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._plan.duration):
                await self._over.wait()


def _first_of(group: ExceptionGroup[ConnectError]) -> ConnectError:
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, ExceptionGroup) else first


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _given_token() -> str | None:
    return os.environ.get(TOKEN) or None


def _check_given_token() -> None:
    token = _given_token()
    if token is not None:
        try:
            check_token(token)
        except ValueError as error:
            raise ValueError(f"{TOKEN}: {error}") from error


@contextlib.contextmanager
def _log(arguments: argparse.Namespace) -> Iterator[TextIO | None]:
    if arguments.log is None:
        yield None
        return
    try:
        opened: TextIO = arguments.log.open("a", encoding="utf-8")
    except OSError as error:
        raise WrongUsage(f"--log: {error}") from error
    try:
        yield opened
    finally:
        # Every line was flushed; what could not be written the teller has told.
        with contextlib.suppress(OSError):
            opened.close()


def _check_kernel(what: str, host: str) -> None:
    try:
        netem_arguments(what)
    except ValueError as error:
        raise ValueError(f"--kernel: {error}") from error
    if host != "127.0.0.1":
        raise ValueError("--kernel has an address of its own: write --listen PORT")


def _scenario(arguments: argparse.Namespace) -> Scenario | None:
    if arguments.scenario is None:
        return None
    scenario = load_scenario(arguments.scenario)
    return scenario if arguments.speed is None else scenario.faster(arguments.speed)


def _to_tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if arguments.to_insecure:
        return unchecked(TLS()).complete()
    if arguments.to_ca is None:
        return None
    try:
        return TLS(ca=arguments.to_ca).complete()
    except ValueError as error:
        raise ValueError(str(error).replace("TLS.ca", "--to-ca")) from error
