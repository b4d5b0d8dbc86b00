"""Autobahn's cases, which nobody here wrote, against our client and our server."""

from __future__ import annotations

import importlib.util

import pytest

from tests.conformance import suite

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(
        importlib.util.find_spec("kosoku") is None,
        reason="kosoku is not installed: `make conformance` does that",
    ),
]


async def test_every_case_is_expected_to_be_something() -> None:
    """The committed file has each of Autobahn's cases, for both of ours, and no other."""
    expected = suite.read_expected()
    assert list(expected) == await suite.all_cases()
    assert all(set(sides) == set(suite.SIDES) for sides in expected.values())


def test_whatever_is_not_simply_good_is_explained() -> None:
    """Each such case is listed with the text that allows it, and no case is listed for nothing."""
    expected = suite.read_expected()
    odd = [case for case, sides in expected.items() if set(sides.values()) != {suite.PASSED}]
    explained = [case for one in suite.read_deviations() for case in one.cases]
    assert sorted(explained, key=suite.order_of) == odd


def test_better_and_worse_both_show() -> None:
    """A case that turns out otherwise is told either way, and so is one without a verdict."""
    expected: suite.Expected = {
        case: {"client": wanted}
        for case, wanted in {
            "1.1": ("OK", "OK"),
            "1.2": ("NON-STRICT", "OK"),
            "1.3": ("OK or NON-STRICT", "OK"),
            "1.4": ("OK", "OK"),
        }.items()
    }
    for behavior, differing in (("OK", {"1.2", "1.4"}), ("NON-STRICT", {"1.1", "1.4"})):
        verdicts = {
            case: suite.Verdict(case=case, behavior=behavior, behavior_close="OK")
            for case in ("1.1", "1.2", "1.3")
        }
        assert set(suite.differing("client", expected, verdicts, expected)) == differing


@pytest.mark.timeout(600)
@pytest.mark.parametrize("side", suite.SIDES)
async def test_every_case_is_as_expected(side: suite.Side) -> None:
    """Exactly as the committed file says: neither worse nor better."""
    expected = suite.read_expected()
    cases = list(expected)
    verdicts = await suite.judged(side, cases, expected)
    assert suite.differing(side, cases, verdicts, expected) == {}
