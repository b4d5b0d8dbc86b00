"""How a module is imported that a fix needs."""

from __future__ import annotations

import pytest

from longwire.lint.fixes.code import Code
from longwire.lint.fixes.fix import apply
from longwire.lint.fixes.imports import name_of


def imported(text: str) -> tuple[str, str] | None:
    code = Code(text)
    found = name_of(code, "asyncio", beside="time")
    return None if found is None else (found[0], apply(text, found[1]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\n", "import asyncio\nx = 1\n"),
        ('"""Doc."""\nx = 1\n', '"""Doc."""\nimport asyncio\nx = 1\n'),
        (
            "#!/bin/x\n# coding: utf-8\nx = 1\n",
            "#!/bin/x\n# coding: utf-8\nimport asyncio\nx = 1\n",
        ),
        ("@x\ndef f(): pass\n", "import asyncio\n@x\ndef f(): pass\n"),
        ("import os\nimport sys\n", "import asyncio\nimport os\nimport sys\n"),
        ("import abc\nimport time\n", "import abc\nimport asyncio\nimport time\n"),
        (
            "import abc\nfrom time import sleep\n",
            "import abc\nimport asyncio\nfrom time import sleep\n",
        ),
        ("import os\n\nimport time\n", "import os\n\nimport asyncio\nimport time\n"),
        ("# about os\nimport os\r\n", "# about os\nimport asyncio\r\nimport os\r\n"),
        ("from __future__ import a\nx = 1\n", "from __future__ import a\nimport asyncio\nx = 1\n"),
        ("import os; import time\n", "import asyncio\nimport os; import time\n"),
        ("import time", "import asyncio\nimport time"),
    ],
)
def test_where(before: str, after: str) -> None:
    """Beside the other imports, in the order of the alphabet; else at the top."""
    assert imported(before) == ("asyncio", after)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import asyncio", "asyncio"),
        ("import asyncio as a", "a"),
        ("import asyncio.locks", "asyncio"),
    ],
)
def test_it_is_there(text: str, name: str) -> None:
    """Then nothing is added."""
    assert imported(text) == (name, text)


@pytest.mark.parametrize(
    "text",
    [
        "def asyncio(): pass\n",
        "import uasyncio as asyncio\n",
        "import asyncio\nasyncio = 1\n",
        "import asyncio\ndef f(asyncio): pass\n",
        "def f():\n    import asyncio\n",
        "if True:\n    import asyncio\n",
        "try:\n    import asyncio\nexcept ImportError:\n    asyncio = None\n",
        "try:\n    pass\nexcept ValueError as asyncio:\n    pass\n",
        "match 1:\n    case asyncio:\n        pass\n",
        "match 1:\n    case [*asyncio]:\n        pass\n",
        "match 1:\n    case {**asyncio}:\n        pass\n",
        "class asyncio: pass\n",
        '"""Doc."""; x = 1\n',
    ],
)
def test_where_the_name_may_be_another(text: str) -> None:
    """Nothing is sure then, nor where statements share a line."""
    assert imported(text) is None


def test_nothing_to_stand_before() -> None:
    """A file with a docstring alone needs no import."""
    assert imported('"""Doc."""') is None
