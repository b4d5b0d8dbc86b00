"""The bounds of a link: defaults that are documented, and nothing that can be changed."""

from __future__ import annotations

import dataclasses
import inspect
import re

import pytest

from longwire.core.liveness import Heartbeat
from longwire.link.options import LinkOptions


def test_every_bound_is_bounded_by_default() -> None:
    """No default means "for ever" or "as much as comes"."""
    for field in dataclasses.fields(LinkOptions):
        assert getattr(LinkOptions(), field.name) is not None


def test_defaults_are_those_of_the_docstring() -> None:
    """What is said in prose is what holds."""
    options = LinkOptions()
    prose = inspect.getdoc(LinkOptions) or ""
    assert f"{options.max_message_bytes // 2**20} MiB" in prose
    assert f"{options.max_fragments:,}" in prose
    for name in ("fragment_timeout", "close_timeout", "write_timeout"):
        said = re.search(rf"{name}: .*?(?=\n {{4}}\w+: |\Z)", prose, re.DOTALL)
        assert said is not None
        assert f"{getattr(options, name):g}" in said[0]
    assert options.heartbeat == Heartbeat()
    assert f"every {options.heartbeat.every:g} s" in prose
    assert f"within {options.heartbeat.within:g} s" in prose


def test_every_bound_is_documented() -> None:
    """By its name."""
    prose = inspect.getdoc(LinkOptions) or ""
    for field in dataclasses.fields(LinkOptions):
        assert f"{field.name}:" in prose


def test_options_are_frozen_and_by_keyword() -> None:
    """They are shared by links."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        LinkOptions().close_timeout = 1.0  # type: ignore[misc]  # the very point
    with pytest.raises(TypeError):
        LinkOptions(5)  # type: ignore[call-arg]  # the very point


@pytest.mark.parametrize("message", ["€" * 4, bytes(11)])
def test_a_heartbeat_that_could_not_be_sent_is_refused(message: str | bytes) -> None:
    """When it is asked for, not when the first is due."""
    with pytest.raises(ValueError, match=r"1[12] bytes.*max_message_bytes=10"):
        LinkOptions(max_message_bytes=10, heartbeat=Heartbeat(message=message))
    assert LinkOptions(max_message_bytes=12, heartbeat=Heartbeat(message=message)).heartbeat
