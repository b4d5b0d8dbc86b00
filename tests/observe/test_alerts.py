"""Warnings about a client that goes on living."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

import longwire.client
from longwire.core.causes import CATALOGUE
from longwire.observe.alerts import Alert, AlertKind

SOURCES = "".join(
    path.read_text("utf-8") for path in Path(longwire.client.__file__).parent.glob("*.py")
)


def test_every_kind_is_given_and_none_else() -> None:
    """The list of kinds is what the client can say: nothing dead, nothing forgotten."""
    given = re.findall(r"(?:\.alert|\.alert_slow|\._on_trouble)\(\s*\"([a-z-]+)\"", SOURCES)
    assert set(given) == set(get_args(AlertKind))


def test_every_alert_leads_to_a_known_cause() -> None:
    """What an alert names can be looked up with ``longwire explain``."""
    named = re.findall(r"cause=\"([a-z-]+)\"", SOURCES)
    assert named
    assert set(named) <= set(CATALOGUE)


def test_an_alert_is_a_frozen_record() -> None:
    """It can be kept, compared and turned into JSON, and not be changed."""
    alert = Alert(kind="quiet-feed", at=1.5, text="no data", cause="zombie-stream")
    assert msgspec.json.decode(msgspec.json.encode(alert), type=Alert) == alert
    with pytest.raises(AttributeError):
        alert.text = "other"  # type: ignore[misc] # the very mistake
