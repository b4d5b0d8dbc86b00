"""The client's log is silent inside, and as it was afterwards."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from longwire.cli.quiet import quiet_log

if TYPE_CHECKING:
    import pytest


def test_nothing_is_printed_or_passed_on(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither Python's last resort nor a handler of the root logger gets a line."""
    logger = logging.getLogger("longwire.client")
    before = logging.getLogger("longwire").handlers[:]
    with quiet_log():
        logger.warning("inside")
    assert logging.getLogger("longwire").handlers == before
    assert caplog.records == []
    assert capsys.readouterr().err == ""
    logger.warning("outside")
    assert [record.message for record in caplog.records] == ["outside"]
