"""What goes wrong, and what a client may say of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from longwire.testing import VIOLATIONS, misbehave, openings
from soak import secure
from soak.between import REFUSALS, STAGES, Between

if TYPE_CHECKING:
    import ssl

    from longwire.testing import RawLink
    from longwire.testing.rawlink import Opening
    from soak.far import Far
    from soak.fragments import FragmentingFeed

Deed = Callable[["Far", float], Awaitable[None]]
Need = Literal["silence", "streaming", "tls", "proxy"]

CUT: Final = frozenset({"unknown", "forced-lifetime-disconnect", "backoff-reset-on-open"})
"""A cut without a word proves nothing, unless several came at the same age, or each at once."""
BROKEN_FRAMES: Final = CUT | {"fragmentation-mishandled"}
FULL: Final = frozenset({"slow-handler-inline", "slow-consumer-eviction"})
"""Where an inbox is small, whoever takes nothing from it may be why the next fault struck."""
HALF_OPEN: Final = frozenset({"half-open-undetected"})
"""Also of a link without pongs, if it is made mute as well."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to go wrong.

    Args:
        causes: The catalogue's ids that an interruption after it may be given.
        deed: Does it.
        survived: Alone it must not interrupt anything.
        needs: What a client must have for it to make sense: ``silence``, that it listens for it;
            ``streaming``, messages that are handed over piece by piece;
            ``tls``, that its links are encrypted; ``proxy``, that they go through one.
    """

    causes: frozenset[str]
    deed: Deed
    survived: bool = False
    needs: Need | None = None


def _on_link(misbehaviour: Callable[[RawLink], object], *, gentle: bool = False) -> Deed:
    """On the live link, if there is one."""

    async def deed(far: Far, amount: float) -> None:
        del amount
        links = far.ready()
        for link in links:
            if gentle and len(links) == 1:
                far.gentle.add(link.index)
            else:
                far.gentle.discard(link.index)
            misbehaviour(link)

    return deed


def _opening(opening: Opening) -> Deed:
    """A cut, and the next one to three openings go wrong."""

    async def deed(far: Far, amount: float) -> None:
        far.feed.openings_once.extend([opening] * (1 + int(amount * 2.99)))
        await _on_link(misbehave.reset)(far, amount)

    return deed


async def _violation(far: Far, amount: float) -> None:
    plain = [one for one in VIOLATIONS.values() if not one.deflate]
    await _on_link(misbehave.inject(plain[int(amount * len(plain))].raw))(far, amount)


async def _outage(far: Far, amount: float) -> None:
    """Nobody listens for up to two minutes."""
    async with misbehave.outage(far.feed):
        await asyncio.sleep(120 * amount)


async def _restart(far: Far, amount: float) -> None:
    """The server says so, and is back within half a minute."""
    if len(links := far.ready()) == 1:
        far.gentle.add(links[0].index)
    async with misbehave.outage(far.feed, misbehave.close_with(1012, "restart")):
        await asyncio.sleep(30 * amount)


async def _flood(far: Far, amount: float) -> None:
    far.feed.emit(1 + int(3000 * amount))


async def _slow_consumer(far: Far, amount: float) -> None:
    """The user's code is busy elsewhere, its loop is not."""
    async with far.user.busy():
        await asyncio.sleep(60 * amount)


async def _blocked_loop(far: Far, amount: float) -> None:
    """The user's code blocks its loop."""
    await far.user.block(40 * amount)


def _closes(code: int | None, reason: str = "") -> Deed:
    return _on_link(misbehave.close_with(code, reason), gentle=True)


def _cut_off(how: Callable[[RawLink], object], *, gentle: bool = False) -> Deed:
    """In the middle of a message, between two of its fragments."""

    async def deed(far: Far, amount: float) -> None:
        feed = cast("FragmentingFeed", far.feed)
        for link in far.ready():
            feed.begin(link)
        await _on_link(how, gentle=gentle)(far, amount)

    return deed


def _bad_tls(tls: Callable[[], ssl.SSLContext | None], opening: Opening) -> Deed:
    """A cut, and for up to a minute new links meet another TLS, or none."""

    async def deed(far: Far, amount: float) -> None:
        before, far.feed.opening = far.feed.opening, opening
        async with secure.speaking(far.feed, tls()):
            await _on_link(misbehave.reset)(far, amount)
            await asyncio.sleep(60 * amount)
        far.feed.opening = before

    return deed


def _at_proxy(how: Callable[[Between], None]) -> Deed:
    """In the middle of what the proxy carries."""

    async def deed(far: Far, amount: float) -> None:
        del amount
        far.went_wrong_between()
        how(cast("Between", far.proxy))

    return deed


def _proxy_opens_badly(how: Callable[[Between, float], None]) -> Deed:
    """A cut, and for up to a minute the proxy makes no tunnels."""

    async def deed(far: Far, amount: float) -> None:
        proxy = cast("Between", far.proxy)
        far.went_wrong_between()
        how(proxy, amount)
        proxy.cut()
        await asyncio.sleep(60 * amount)
        proxy.refuse = proxy.raw = proxy.hang_at = None

    return deed


def _refuse(proxy: Between, amount: float) -> None:
    proxy.refuse = REFUSALS[int(amount * 997) % len(REFUSALS)]


def _hang(proxy: Between, amount: float) -> None:
    proxy.hang_at = STAGES[int(amount * 997) % len(STAGES)]


def _talk_nonsense(proxy: Between, amount: float) -> None:
    del amount
    proxy.raw = b"SSH-2.0-OpenSSH_9.9\r\n\r\n"


FAULTS: Final = {
    "reset": Fault(causes=CUT, deed=_on_link(misbehave.reset)),
    "end": Fault(causes=CUT, deed=_on_link(misbehave.end, gentle=True)),
    "cut inside a frame": Fault(causes=CUT, deed=_on_link(misbehave.cut_inside_frame)),
    "cut inside a header": Fault(causes=CUT, deed=_on_link(misbehave.cut_inside_header)),
    "cut inside a message": Fault(causes=CUT, deed=_on_link(misbehave.cut_inside_message)),
    "freeze": Fault(causes=HALF_OPEN, deed=_on_link(misbehave.freeze)),
    "freeze inside a frame": Fault(causes=HALF_OPEN, deed=_on_link(misbehave.freeze_inside_frame)),
    "forget": Fault(causes=CUT | {"nat-silent-drop"}, deed=_on_link(misbehave.forget)),
    "mute": Fault(
        # Before the first number the subscription itself is in doubt.
        causes=frozenset({"zombie-stream", "subscription-not-confirmed"}),
        deed=_on_link(misbehave.mute),
        needs="silence",
    ),
    "no pongs": Fault(causes=HALF_OPEN, survived=True, deed=_on_link(misbehave.ignore_pings)),
    "no reading": Fault(causes=HALF_OPEN, survived=True, deed=_on_link(misbehave.stop_reading)),
    "close 1000": Fault(causes=frozenset({"unknown"}), deed=_closes(1000)),
    "close 1001": Fault(causes=frozenset({"deploy-restart"}), deed=_closes(1001)),
    "close 1011": Fault(causes=frozenset({"unknown"}), deed=_closes(1011, "internal error")),
    "close 1013": Fault(causes=frozenset({"unknown"}), deed=_closes(1013)),
    "close 4000": Fault(causes=frozenset({"unknown"}), deed=_closes(4000, "not today")),
    "close without a code": Fault(causes=frozenset({"unknown"}), deed=_closes(None)),
    "violation": Fault(causes=BROKEN_FRAMES, deed=_violation),
    "outage": Fault(causes=CUT | {"deploy-restart"}, deed=_outage),
    "restart": Fault(causes=frozenset({"deploy-restart"}), deed=_restart),
    "rejected 503": Fault(causes=CUT, deed=_opening(openings.reject(503))),
    "rejected 429": Fault(
        causes=CUT | {"provider-quota-violation"},
        deed=_opening(openings.reject(429, {"Retry-After": "3"})),
    ),
    "opening ended": Fault(causes=CUT, deed=_opening(openings.end_of_file)),
    "opening reset": Fault(causes=CUT, deed=_opening(openings.reset_instead)),
    "opening not answered": Fault(causes=CUT, deed=_opening(openings.never_answer)),
    "opening dripped": Fault(
        causes=CUT | {"middlebox-interference"}, deed=_opening(openings.drip(0.3))
    ),
    "wrong accept key": Fault(
        causes=CUT | {"middlebox-interference"}, deed=_opening(openings.wrong_accept_key)
    ),
    "no HTTP": Fault(causes=CUT | {"middlebox-interference"}, deed=_opening(openings.garbage())),
    "accept, then close": Fault(causes=CUT, deed=_opening(openings.accept_then_close(1013))),
    "flood": Fault(causes=FULL, survived=True, deed=_flood),
    "message reset": Fault(causes=CUT, deed=_cut_off(misbehave.reset), needs="streaming"),
    "message ended": Fault(
        causes=CUT, deed=_cut_off(misbehave.end, gentle=True), needs="streaming"
    ),
    "message frozen": Fault(causes=HALF_OPEN, deed=_cut_off(misbehave.freeze), needs="streaming"),
    "message closed": Fault(
        causes=frozenset({"deploy-restart"}),
        deed=_cut_off(misbehave.close_with(1001), gentle=True),
        needs="streaming",
    ),
    "TLS truncated": Fault(causes=CUT, deed=_on_link(secure.end_beneath), needs="tls"),
    "TLS garbled": Fault(causes=CUT, deed=_on_link(secure.garble), needs="tls"),
    "certificate expired": Fault(
        causes=CUT | {"tls-expiry"},
        deed=_bad_tls(secure.expired, openings.accept),
        needs="tls",
    ),
    "certificate of another": Fault(
        causes=CUT, deed=_bad_tls(secure.of_another, openings.accept), needs="tls"
    ),
    "plain text for TLS": Fault(
        causes=CUT, deed=_bad_tls(lambda: None, secure.answer_in_plain_text), needs="tls"
    ),
    "TLS not answered": Fault(
        causes=CUT, deed=_bad_tls(lambda: None, secure.say_nothing), needs="tls"
    ),
    "proxy cuts": Fault(causes=CUT, deed=_at_proxy(Between.cut), needs="proxy"),
    "proxy freezes": Fault(causes=HALF_OPEN, deed=_at_proxy(Between.freeze), needs="proxy"),
    "proxy refuses": Fault(
        causes=CUT | {"deploy-restart", "proxy-env-surprise"},
        deed=_proxy_opens_badly(_refuse),
        needs="proxy",
    ),
    "proxy hangs": Fault(causes=CUT, deed=_proxy_opens_badly(_hang), needs="proxy"),
    "proxy talks nonsense": Fault(
        causes=CUT, deed=_proxy_opens_badly(_talk_nonsense), needs="proxy"
    ),
    "slow consumer": Fault(causes=FULL, survived=True, deed=_slow_consumer),
    "blocked loop": Fault(causes=FULL | {"blocked-event-loop"}, survived=True, deed=_blocked_loop),
}
