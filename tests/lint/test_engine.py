"""From the source of a file to the findings."""

from __future__ import annotations

import textwrap

import pytest

from longwire.lint.engine import check_python
from longwire.lint.finding import Confidence, Severity

FAULTY = textwrap.dedent(
    """\
    import websockets, time

    async def read(url):
        "größer"; time.sleep(1)
        async with websockets.connect(url, ping_interval=20) as ws:
            while True:
                try:
                    print(await ws.recv())
                except Exception:
                    pass
    """
)


def test_findings_come_in_the_order_of_the_lines() -> None:
    """With all that there is to say."""
    findings = check_python("a/b.py", FAULTY.encode())
    first = next(one for one in findings if one.rule == "LW111")
    assert (first.path, first.line, first.column) == ("a/b.py", 4, 15)
    assert (first.end_line, first.end_column) == (4, 28)
    assert (first.severity, first.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert [one.line for one in findings] == sorted(one.line for one in findings)
    assert {one.rule for one in findings} >= {"LW101", "LW111"}


@pytest.mark.parametrize(
    "source",
    [
        "import time\nasync def read():\n    time.sleep(1)\n",
        "import time  # for a websocket\nasync def read():\n    time.sleep(1)\n",
        "",
    ],
)
def test_what_has_nothing_to_do_with_websockets_is_left_alone(source: str) -> None:
    """Other linters look after it; a word in a comment is not enough."""
    assert check_python("a.py", source.encode()) == []


def test_a_file_is_read_in_the_encoding_that_it_says() -> None:
    """PEP 263."""
    source = "# coding: latin-1\n" + FAULTY
    assert check_python("a.py", source.encode("latin-1"))


def test_what_is_no_python_is_told() -> None:
    """By the error that Python raises for it."""
    with pytest.raises(SyntaxError):
        check_python("a.py", b"import websockets\ndef (")
    with pytest.raises(SyntaxError, match="utf-8, at byte"):
        check_python("a.py", b"import websockets\n'\xff'")
