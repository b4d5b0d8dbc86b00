"""Drives `longwire.core.liveness` on one link: timers in, pings and verdicts out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.core.liveness import Action, Liveness

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from longwire.core.liveness import Heartbeat


class Pulse:
    """The heartbeat of one link. It holds one timer and decides nothing by itself.

    Args:
        loop: The loop the link lives on.
        heartbeat: What to do how often.
        send_ping: Sends a ping, or the application's message where one is configured.
        on_dead: Called once when no byte came within the bound after a ping.
        on_silent: Called when no data came for `Heartbeat.silence` seconds.
        last_seen: When the last byte and the last data message came, for a link that does not tell
            the clocks itself at each read.
        progress: How many bytes were to leave so far, and how many of them have left.
        on_failure: Called once with what another of these functions raised. The pulse has stopped
            then, and nobody watches the link any more.
    """

    __slots__ = (
        "_last_seen",
        "_loop",
        "_on_dead",
        "_on_failure",
        "_on_silent",
        "_progress",
        "_recheck",
        "_send_ping",
        "_stopped",
        "_timer",
        "liveness",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        heartbeat: Heartbeat,
        *,
        send_ping: Callable[[], None],
        on_dead: Callable[[], None],
        on_silent: Callable[[], None],
        progress: Callable[[], tuple[int, int]],
        on_failure: Callable[[Exception], None],
        last_seen: Callable[[], tuple[float, float | None]] | None = None,
    ) -> None:
        self._loop = loop
        self._progress = progress
        self._last_seen = last_seen
        self._send_ping = send_ping
        self._on_dead = on_dead
        self._on_silent = on_silent
        self._on_failure = on_failure
        self.liveness = Liveness(heartbeat, loop.time())
        self._timer: asyncio.TimerHandle | None = None
        self._recheck: asyncio.Handle | None = None
        self._stopped = False
        self._arm()

    def _arm(self) -> None:
        if self._stopped:
            return
        self._timer = self._loop.call_at(self.liveness.next_due(), self._due)

    def _due(self) -> None:
        self._timer = None
        self._judge()

    def _judge(self, *, read_first_done: bool = False) -> None:
        try:
            self.see()
            action = self.liveness.judge(
                self._loop.time(),
                read_first_done=read_first_done,
                written_out=self._progress()[1],
            )
            self._act(action)
        except Exception as error:  # noqa: BLE001 - it ends the link
            self.stop()
            self._on_failure(error)

    def _act(self, action: Action) -> None:
        match action:
            case Action.PING:
                self._ping()
            case Action.READ_FIRST:
                # Two turns: the second begins after the loop has polled its sockets once.
                self._recheck = self._loop.call_soon(self._after_poll)
                return
            case Action.DEAD:
                self._on_dead()
                return
            case Action.SILENT:
                self._on_silent()
            case Action.WAIT:
                pass
        self._arm()

    def _ping(self) -> None:
        before, gone = self._progress()
        self._send_ping()
        if before <= gone:
            # Nothing is in front of it, so it leaves at once.
            self.liveness.pinged(self._loop.time())
            return
        ping_end, written_out = self._progress()
        self.liveness.pinged(self._loop.time(), ping_end=ping_end, written_out=written_out)

    def see(self) -> None:
        """Tell the clocks what has come since the last look: no read has to stop for them."""
        if self._last_seen is None:
            return
        last_byte, last_data = self._last_seen()
        if last_data is not None:
            self.liveness.saw_data(last_data)
        self.liveness.saw_bytes(last_byte)

    def _after_poll(self) -> None:
        self._recheck = self._loop.call_soon(self._judge_again)

    def _judge_again(self) -> None:
        self._recheck = None
        self._judge(read_first_done=True)

    def stop(self) -> None:
        """No more pings, no more verdicts. May be called from within a verdict."""
        self._stopped = True
        for handle in (self._timer, self._recheck):
            if handle is not None:
                handle.cancel()
        self._timer = self._recheck = None
