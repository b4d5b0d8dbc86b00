"""What ``longwire lint`` looks for: its rules, and the manual of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.cli.failures import WrongUsage, json_line
from longwire.lint.catalogue import ALL_RULES
from longwire.lint.manual import about, record_of, rule_of, sections_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def print_rules(*, as_json: bool) -> int:
    """All rules, each with what it finds. Returns 0."""
    widest = max(len(rule.name) for rule in ALL_RULES.values())
    for rule in ALL_RULES.values():
        if as_json:
            print(json_line(record_of(rule)))
        else:
            print(f"{rule.id}  {rule.name:{widest}}  {rule.severity:7}  {about(rule)}")
    return 0


def print_manual(text: str, *, as_json: bool) -> int:
    """The manual of one rule. Returns 0.

    Raises:
        WrongUsage: there is none of that id or name.
    """
    try:
        rule = rule_of(text)
    except ValueError as error:
        raise WrongUsage(str(error)) from error
    if as_json:
        print(json_line(record_of(rule)))
        return 0
    print(f"{rule.id} {rule.name} ({rule.severity}): {about(rule)}")
    for head, section in sections_of(rule).items():
        print(f"\n{head}")
        print("\n".join(_plain(section)))
    if rule.prevents:
        print(f"\nPrevents\n  {', '.join(rule.prevents)} (longwire explain ID)")
    return 0


def _plain(section: str) -> Iterator[str]:
    """Lines of a manual, its programs set off by blanks in place of Markdown's fences."""
    indent = "  "
    for line in section.splitlines():
        if line.startswith("```"):
            indent = "      " if indent == "  " else "  "
        else:
            yield f"{indent}{line}".rstrip()
