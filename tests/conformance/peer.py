"""The other side: kosoku with Autobahn's cases, in a process of its own.

    peer.py list                             every case there is
    peer.py client URL [--full] [CASE...]    its client runs the cases against the server at URL
    peer.py server [--full] [CASE...]        its server runs them against a client; gives its port

Prints one JSON object a line: a server's port first, then a verdict for each case.

A process of its own, because kosoku puts modules of common names (``case``, ``autobahn``,
``pkg_resources``) in front of all others, and replaces a function of ``binascii``. What it lacks is
made up for here; `docs/conformance.md` tells it to readers.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any, Final

import kosoku
from kosoku._kosoku import PerMessageDeflateOffer
from kosoku.cases import CASES

AT_A_TIME: Final = 24
"""Cases that its client runs side by side: most of them wait for a second."""

WHOLE: Final = 1000
"""Messages of one case of groups 9.7, 9.8, 12 and 13, in Autobahn's own run."""

FEW: Final = 24
"""And in the usual one: enough for a window that is kept from message to message to be used."""

ENOUGH: Final = 2**18
"""Bytes of one such case after which there are fewer messages still, but not less than `LEAST`."""

LEAST: Final = 4


def prepare(*, full: bool) -> None:
    """Mend the cases that kosoku 0.1.0 has otherwise than Autobahn, and shorten the long ones."""
    cases: dict[str, Any] = CASES
    for name, case in cases.items():
        group = name.split(".")[0]
        if group == "6" and getattr(case, "isValid", False):
            # Written for Python 2, where these were bytes of UTF-8. As text kosoku would encode
            # them once more, and send another text than the case is about.
            case.PAYLOAD = case.PAYLOAD.encode("latin-1").decode()
        if group in {"12", "13"}:
            case.onMessage = as_bytes(case.onMessage)
            case.SERVER_ACCEPT = unasked(case.SERVER_ACCEPT)
        if not full and getattr(case, "COUNT", 0) == WHOLE:
            case.COUNT = max(LEAST, min(FEW, ENOUGH // max(case.LEN, 1)))


def as_bytes(on_message: Any) -> Any:
    """A case that takes a message that was not compressed, too; kosoku gives it text, not bytes."""

    def on_any_message(self: Any, message: str | bytes, binary: bool) -> None:
        if isinstance(message, str):
            message = message.encode("latin-1" if binary else "utf-8")
        on_message(self, message, binary)

    return on_any_message


def unasked(accept: Any) -> Any:
    """A server that asks for ``client_no_context_takeover``, whether the client hints at it or not.

    A client must support that in a response (RFC 7692, 7.1.1.2). Autobahn's server asks for it only
    after the hint, and then 54 cases say nothing of a client that hints at nothing.
    """

    def accept_any(self: Any, offers: list[Any]) -> Any:
        return accept(
            self,
            [
                PerMessageDeflateOffer(
                    acceptNoContextTakeover=True,
                    acceptMaxWindowBits=offer.acceptMaxWindowBits,
                    requestNoContextTakeover=offer.requestNoContextTakeover,
                    requestMaxWindowBits=offer.requestMaxWindowBits,
                )
                for offer in offers
            ],
        )

    return accept_any


def verdict(result: Any) -> dict[str, object]:
    """What is compared, and what helps to understand a difference."""
    wrong = wrong_frames(result)
    return {
        "case": result.case_id,
        "behavior": "FAILED" if wrong else result.behavior.value,
        "behaviorClose": result.behavior_close.value,
        "why": wrong or f"{result.result} {result.result_close}",
        "closeCode": result.remote_close_code,
        "milliseconds": result.duration,
        "expectation": " ".join(result.expectation.split()),
    }


def wrong_frames(result: Any) -> str:
    """What is wrong with the frames of the side under test: kosoku does not look at them itself."""
    packed = {0, 4} if "permessage-deflate" in result.http_response else {0}
    for entry in result.wirelog:
        if entry[0] != "RF":
            continue
        _, (length, _), opcode, final, reserved, masked, _ = entry
        if masked != result.is_server:
            return "a frame is masked where it must not be, or not where it must (RFC 6455, 5.1)"
        if reserved not in (packed if opcode in (1, 2) else {0}):
            return "a frame has reserved bits that nobody agreed on (RFC 6455, 5.2)"
        if opcode >= 8 and (length > 125 or not final):
            return "a control frame is long or fragmented (RFC 6455, 5.5)"
    return ""


def tell(one: dict[str, object]) -> None:
    """One line for who has started this."""
    print(json.dumps(one), flush=True)


async def run(side: str, cases: list[str] | None, url: str) -> list[Any]:
    """Every case's result; kosoku raises where one has failed."""
    results: list[Any] = []
    try:
        if side == "client":
            results += await kosoku.run_fuzzingclient(url, cases, concurrency=AT_A_TIME)
        else:
            async with kosoku.run_fuzzingserver(cases, host="127.0.0.1", port=0) as server:
                tell({"port": server.port})
                results += await server.get_result()
    except kosoku.FailureError as failure:
        results += failure.results
    return results


def main(words: list[str]) -> None:
    """Do as the command line says."""
    prepare(full="--full" in words)
    side, *rest = [word for word in words if word != "--full"]
    if side == "list":
        print(json.dumps(list(CASES)))
        return
    url = rest.pop(0) if side == "client" else ""
    for result in asyncio.run(run(side, rest or None, url)):
        tell(verdict(result))
    # The ordinary end of the process is left out: kosoku's threads often abort it (SIGABRT).
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
