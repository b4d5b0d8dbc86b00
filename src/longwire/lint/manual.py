"""The manual of a rule: the docstring of its file."""

from __future__ import annotations

import inspect
import re
import sys
from typing import TYPE_CHECKING, Any

from longwire.lint.catalogue import ALL_RULES

if TYPE_CHECKING:
    from longwire.lint.rule import Rule


def rule_of(text: str) -> Rule:
    """The rule of an id or a name.

    Raises:
        ValueError: there is none. Says which are spelled like it.
    """
    for rule in ALL_RULES.values():
        if text.upper() == rule.id or text.lower() == rule.name:
            return rule
    from difflib import get_close_matches  # noqa: PLC0415 - needed by nobody who spells well

    names = [name for rule in ALL_RULES.values() for name in (rule.id, rule.name)]
    # Of ids that are equally close, that which only takes a letter for a digit is the likely one.
    digits = text.upper().translate(str.maketrans("OI", "01"))
    near = [digits] if digits in ALL_RULES else get_close_matches(text, names)
    near = near or get_close_matches(text.upper(), names)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    message = f"there is no rule {text!r}{meant}"
    raise ValueError(message)


def manual_of(rule: Rule) -> str:
    """All of it, in Markdown."""
    return inspect.cleandoc(sys.modules[rule.check.__module__].__doc__ or "")


def about(rule: Rule) -> str:
    """Its first sentence, without the full stop."""
    return " ".join(manual_of(rule).partition("\n\n")[0].split()).removesuffix(".")


def sections_of(rule: Rule) -> dict[str, str]:
    """Its parts by their headings, in order, without the title."""
    parts = re.split(r"(?m)^## (.+)\n", manual_of(rule))[1:]
    return {head: text.strip() for head, text in zip(parts[::2], parts[1::2], strict=True)}


def record_of(rule: Rule) -> dict[str, Any]:
    """All that is known of it, for JSON."""
    return {
        "id": rule.id,
        "name": rule.name,
        "about": about(rule),
        "severity": rule.severity,
        "prevents": list(rule.prevents),
        "manual": sections_of(rule),
    }
