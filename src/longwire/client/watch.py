"""One link under watch: its callbacks, turned into what the supervisor wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from longwire.client.subscriptions import Answers, Subscription
from longwire.errors import LinkClosed, LongwireError, MessageTooBig, ProtocolError

if TYPE_CHECKING:
    from longwire.core.causes import End
    from longwire.errors import SubscriptionRefused
    from longwire.link.base import Closure, Data
    from longwire.link.link import WireLink


class Listener(Protocol):
    """What is told of a link, on the links' loop."""

    def link_opened(self, watch: Watch) -> None:
        """It is live; its subscriptions have not been sent. Told before its first message."""

    def link_spoke(self, watch: Watch) -> None:
        """The first data after the subscriptions came. Told before that data is handed over."""

    def link_silent(self, watch: Watch) -> None:
        """No data for `Heartbeat.silence`."""

    def link_ended(self, watch: Watch, closure: Closure) -> None:
        """It has ended. What it had received has been handed over."""

    def link_paused(self, watch: Watch) -> None:
        """Reading was paused by a full inbox."""

    def link_writable(self, watch: Watch) -> None:
        """It takes messages again."""


class Watch:
    """A link from its birth to its end.

    Args:
        subscriptions: What is subscribed on it.
        listener: Who is told.
        where: Its address, secrets removed.
    """

    link: WireLink

    def __init__(
        self, subscriptions: tuple[Subscription, ...], listener: Listener, where: str
    ) -> None:
        self.subscriptions = subscriptions
        self.where = where
        self._listener = listener
        self._answers = Answers(subscriptions, where)
        self._matchers = [each for each in subscriptions if each.matches is not None]
        self._opened = False
        self._bytes_before: int | None = None
        self._speaking = False

    def prepare(self, link: WireLink) -> None:
        """Bind the link's callbacks; it has received nothing yet."""
        self.link = link
        link.reader.inspect = self._look
        link.on_pause = lambda: self._listener.link_paused(self)
        link.on_silence = lambda: self._listener.link_silent(self)
        link.on_writable = lambda: self._listener.link_writable(self)
        link.on_end = self._on_end

    def opened(self) -> None:
        """The dial has returned, or the link has called back before; said once."""
        if not self._opened:
            self._opened = True
            self._listener.link_opened(self)

    def subscribe(self) -> None:
        """Send every subscription."""
        self._bytes_before = self.link.reader.bytes
        for subscription in self.subscriptions:
            self.link.post(subscription.message)

    @property
    def settled(self) -> bool:
        """Whether data has come since the subscriptions were sent, or there are none."""
        return self._answers.settled

    @property
    def refusal(self) -> SubscriptionRefused | None:
        """The peer's refusal of a subscription, if it refused one."""
        return self._answers.refusal

    def listen_again(self) -> None:
        """Tell of the next data message, too: it may end a silence."""
        self._speaking = False
        self.link.reader.inspect = self._look

    def _look(self, fresh: list[Data]) -> list[Data]:
        self.opened()
        if self._bytes_before is not None and self.link.reader.bytes > self._bytes_before:
            # What had been read before the subscriptions went out answers none of them.
            self._hear(fresh)
        if self._answers.settled and not self._speaking:
            self._speaking = True
            self._listener.link_spoke(self)
        if self._matchers:
            self._note_subscriptions(fresh)
        elif self._speaking and self._answers.complete:
            # Nothing more to look for: the rest of the stream costs nothing.
            self.link.reader.inspect = None
        return fresh

    def _hear(self, fresh: list[Data]) -> None:
        if self._answers.complete:
            return
        for message in fresh:
            self._answers.hear(message)
        if self._answers.refusal is not None:
            # After this batch has been handed over: it holds the peer's own words.
            self.link.loop.call_soon(self.link.condemn, "subscription-refused")

    def _note_subscriptions(self, fresh: list[Data]) -> None:
        liveness = self.link.reader.liveness
        if liveness is None:
            return
        for subscription in self._matchers:
            if any(subscription.matches(message) for message in fresh if subscription.matches):
                liveness.saw_data(self.link.reader.last_byte, subscription.name)

    def adopt(self, listener: Listener) -> None:
        """Tell somebody else from now on: a canary has become the client's link."""
        self._listener = listener

    def condemn(self, end: End) -> Closure:
        """End the link for a reason that only its owner knows."""
        return self.link.condemn(end)

    def _on_end(self, closure: Closure) -> None:
        self.opened()
        self._listener.link_ended(self, closure)

    @property
    def end(self) -> End | None:
        """How the link ended, where its owner knows better than the link itself."""
        # Whoever refuses often closes at once.
        return None if self._answers.refusal is None else "subscription-refused"

    def problem(self, closure: Closure) -> LongwireError:
        """The error that the link's end amounts to, for the decision whether to try again."""
        if self.refusal is not None:
            return self.refusal
        if isinstance(closure.error, ProtocolError | MessageTooBig):
            return closure.error
        if closure.end == "local-error" and isinstance(closure.error, LongwireError):
            return closure.error
        error = LinkClosed(closure, where=self.where)
        error.__cause__ = closure.error
        return error
