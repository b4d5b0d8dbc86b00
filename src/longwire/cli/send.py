"""``longwire send``: connects, sends, waits for answers if told to, and closes in good order."""

from __future__ import annotations

import asyncio
import base64
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longwire.cli.connection import (
    add_connection_arguments,
    connection_options,
    count,
    seconds,
)
from longwire.cli.failures import FINDING, USAGE, WrongUsage, fail, json_line
from longwire.cli.printable import printable
from longwire.core.closecodes import describe
from longwire.errors import LinkClosed, LongwireError
from longwire.link.dial import dial

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from longwire.link.base import Closure, Data
    from longwire.link.link import WireLink

NAME = "send"
HELP = "connect, send messages, print the answers, close"

STDIN = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_connection_arguments(parser)
    parser.add_argument(
        "messages",
        nargs="*",
        metavar="MESSAGE",
        help="a message; - stands for each line of standard input",
    )
    parser.add_argument(
        "--file",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="send a file's content as one message, behind the others; may be repeated",
    )
    parser.add_argument("--binary", action="store_true", help="send binary messages, not text")
    parser.add_argument(
        "--expect", type=count, default=0, metavar="N", help="wait for so many answers, print them"
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=10.0,
        metavar="SECONDS",
        help="how long to wait for the answers (%(default)g)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Send. Returns 0, or 1 if answers are missing or the peer did not confirm."""
    try:
        messages = list(_messages(arguments))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(str(error)) from error
    if not messages and not arguments.expect:
        raise WrongUsage("nothing to send")
    return asyncio.run(_Sending(arguments, messages).run())


def _messages(arguments: argparse.Namespace) -> Iterator[Data]:
    """What is to be sent, in order."""
    for text in arguments.messages:
        if text != STDIN:
            yield _data(text.encode(errors="surrogateescape"), binary=arguments.binary)
            continue
        for line in sys.stdin.buffer:
            yield _data(line.rstrip(b"\r\n"), binary=arguments.binary)
    for path in arguments.file:
        yield _data(path.read_bytes(), binary=arguments.binary)


def _data(content: bytes, *, binary: bool) -> Data:
    return content if binary else content.decode()


class _Sending:
    """One run of the command."""

    def __init__(self, arguments: argparse.Namespace, messages: list[Data]) -> None:
        self._arguments = arguments
        self._messages = messages
        self._sent = 0
        self._answers = 0
        self._problem = ""

    async def run(self) -> int:
        try:
            link = await dial(self._arguments.url, **connection_options(self._arguments))
        except LongwireError as error:
            code = fail(error, as_json=self._arguments.json)
            if code != USAGE:
                self._problem = error.what
                self._tell_json_end(None)
            return code
        try:
            await self._exchange(link)
        finally:
            await link.close(1000)
        closure = link.closure
        if not self._problem and (closure is None or not closure.normal):
            self._problem = f"the peer did not confirm the end: {_told(closure)}"
        self._tell_end(closure)
        return FINDING if self._problem else 0

    async def _exchange(self, link: WireLink) -> None:
        expected = self._arguments.expect
        try:
            for message in self._messages:
                await link.send(message)
                self._sent += 1
            async with asyncio.timeout(self._arguments.timeout):
                while self._answers < expected:
                    self._print_answer(await link.recv())
        except TimeoutError:
            wait = f"{self._arguments.timeout:g} s"
            self._problem = f"{self._answers} of {expected} answers within {wait}"
        except LinkClosed:
            self._problem = (
                f"ended after {self._sent} of {len(self._messages)} messages and "
                f"{self._answers} of {expected} answers: {_told(link.closure)}"
            )

    def _print_answer(self, answer: Data) -> None:
        self._answers += 1
        if not self._arguments.json:
            print(printable(answer), flush=True)
        elif isinstance(answer, str):
            self._say(event="message", text=answer)
        else:
            self._say(event="message", data_base64=base64.b64encode(answer).decode("ascii"))

    def _tell_end(self, closure: Closure | None) -> None:
        if self._problem:
            print(f"longwire send: {printable(self._problem)}", file=sys.stderr)
        self._tell_json_end(closure)

    def _tell_json_end(self, closure: Closure | None) -> None:
        if self._arguments.json:
            self._say(
                event="end",
                sent_total=self._sent,
                answers_total=self._answers,
                close_code=None if closure is None else closure.received_code,
                close_reason="" if closure is None else closure.received_reason,
                problem=self._problem or None,
            )

    def _say(self, **record: Any) -> None:
        print(json_line(record), flush=True)


def _told(closure: Closure | None) -> str:
    """How a link ended, in a clause."""
    if closure is None:
        return "it is still closing"
    if closure.received_code is None:
        return "no close frame came" if closure.error is None else str(closure.error)
    code = closure.received_code
    said = f' "{closure.received_reason}"' if closure.received_reason else ""
    return f"the peer closed with {code} ({describe(code).name}){said}"
