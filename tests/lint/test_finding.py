"""From a report of a rule to a finding."""

from __future__ import annotations

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Confidence, Report, Severity, finding


def test_a_finding_is_a_report_and_more() -> None:
    """The severity is the rule's, unless the report has one of its own."""
    report = Report(1, 2, 3, 4, "stops", "do not", Confidence.LOW)
    one = finding("a.py", ALL_RULES["LW111"], report)
    assert one[:6] == ("a.py", 1, 2, 3, 4, "LW111")
    assert one.severity is ALL_RULES["LW111"].severity
    assert one.confidence is Confidence.LOW
    mild = finding("a.py", ALL_RULES["LW111"], report._replace(severity=Severity.INFO))
    assert mild.severity is Severity.INFO
