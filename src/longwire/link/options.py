"""The bounds of one link."""

from __future__ import annotations

from dataclasses import dataclass, field

from longwire.core.liveness import Heartbeat


@dataclass(frozen=True, kw_only=True)
class LinkOptions:
    """What one link may use: memory, time, fragments.

    Args:
        max_message_bytes: The largest message accepted or sent, after decompression. 16 MiB: above
            what public feeds send, below what hurts. A larger one ends the link with 1009.
        max_fragments: The most fragments one message may have. 4,096.
        fragment_timeout: Seconds a fragmented message may take from first to last fragment; 60,
            so that a peer cannot hold half a message for ever. A message whose bytes are still
            coming when they are over gets as much once more: it may be us who were late. None: no
            limit.
        inbox_messages: Received messages that may wait for ``recv`` before reading is paused.
        inbox_bytes: The same in bytes of payload.
        close_timeout: Seconds the close handshake may take before the link is aborted. 5.
        write_timeout: Seconds without any progress in writing before the link is aborted. 60:
            a peer that sends but never reads keeps every other clock fresh. None: no limit.
        write_high: Bytes of unwritten data above which ``send`` waits. 1 MiB.
        stream: Hand messages over while they come, piece by piece, with ``recv_stream`` and
            ``streams`` in place of ``recv``, iteration and ``batches``; False. A message that is
            received may then have any size and any number of fragments; ``max_message_bytes``
            limits what is handed over at once (as do 64 KiB), ``fragment_timeout`` is the longest
            time in which no byte of a message comes that has begun, and everywhere a piece counts
            as a message does else.
        heartbeat: How a dead peer is found; by default a ping every 20 s that must be followed by
            some byte within 10 s. None: the link sends none by itself and waits for ever.

    Raises:
        ValueError: the heartbeat's message is over ``max_message_bytes``, or its ``is_reply``,
            which judges whole messages, is given together with ``stream``.
    """

    max_message_bytes: int = 16 * 2**20
    max_fragments: int = 4096
    fragment_timeout: float | None = 60.0
    inbox_messages: int = 65_536
    inbox_bytes: int = 64 * 2**20
    close_timeout: float = 5.0
    write_timeout: float | None = 60.0
    write_high: int = 2**20
    stream: bool = False
    heartbeat: Heartbeat | None = field(default_factory=Heartbeat)

    def __post_init__(self) -> None:
        if self.stream and self.heartbeat is not None and self.heartbeat.is_reply is not None:
            raise ValueError(
                "Heartbeat.is_reply judges whole messages, and with stream=True there are none: "
                "leave one of them out"
            )
        message = None if self.heartbeat is None else self.heartbeat.message
        if message is None:
            return
        size = len(message.encode()) if isinstance(message, str) else len(message)
        if size > self.max_message_bytes:
            raise ValueError(
                f"Heartbeat.message has {size} bytes, more than "
                f"max_message_bytes={self.max_message_bytes} lets a message have"
            )
