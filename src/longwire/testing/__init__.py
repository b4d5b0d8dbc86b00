"""What to test with: a feed that misbehaves on request over real sockets, and virtual time.

The feed uses nothing of longwire's own engine, so that the two cannot share a mistake.
"""

from longwire.chaos import frames
from longwire.testing import misbehave, openings
from longwire.testing.changes import PATIENCE, Changes
from longwire.testing.clock import AutojumpLoop, run_autojump
from longwire.testing.conformance import check_link
from longwire.testing.feed import NumberedFeed, json_message, number_of, text_message
from longwire.testing.ledger import Ledger, check_cause
from longwire.testing.misbehave import IdleKill, StrictPinger
from longwire.testing.rawlink import RawLink
from longwire.testing.slowreader import SlowReader
from longwire.testing.standstill import block_loop, frozen
from longwire.testing.thread import FeedThread, ServerThread
from longwire.testing.violations import DEFLATE_HEADERS, VIOLATIONS, Violation

__all__ = [
    "DEFLATE_HEADERS",
    "PATIENCE",
    "VIOLATIONS",
    "AutojumpLoop",
    "Changes",
    "FeedThread",
    "IdleKill",
    "Ledger",
    "NumberedFeed",
    "RawLink",
    "ServerThread",
    "SlowReader",
    "StrictPinger",
    "Violation",
    "block_loop",
    "check_cause",
    "check_link",
    "frames",
    "frozen",
    "json_message",
    "misbehave",
    "number_of",
    "openings",
    "run_autojump",
    "text_message",
]
