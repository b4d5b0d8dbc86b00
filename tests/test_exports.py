"""The facade: every public name is there, each at its home, and asking for none loads nothing."""

from __future__ import annotations

import ast
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

import longwire

HEAVY = ("aiofastnet", "asyncio", "msgspec", "python_socks", "rich", "ssl", "uvloop", "websockets")


def declared_to_type_checkers() -> dict[str, str]:
    """The names that ``__init__.py`` imports under TYPE_CHECKING, each with its module."""
    tree = ast.parse(inspect.getsource(longwire))
    modules = {
        "causes": "longwire.core.causes",
        "chaos": "longwire.chaos",
        "sync": "longwire.sync",
    }
    return {
        alias.name: modules.get(alias.name, node.module)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }


@pytest.mark.parametrize("name", longwire.__all__)
def test_every_public_name_resolves(name: str) -> None:
    """Each name of ``__all__`` can be had, and stays the same object."""
    assert getattr(longwire, name) is getattr(longwire, name)


def test_the_three_lists_agree() -> None:
    """``__all__``, the lazy table and what type checkers see name the same things."""
    assert set(longwire.__all__) == set(longwire._HOME_OF) == set(declared_to_type_checkers())
    assert declared_to_type_checkers() == longwire._HOME_OF


def test_every_error_is_public() -> None:
    """Every `LongwireError` that can be raised can be caught by a public name."""
    for module in pkgutil.walk_packages(longwire.__path__, "longwire."):
        if module.name != "longwire.__main__":
            import_module(module.name)
    classes = {error.__name__ for error in subclasses(longwire.LongwireError)}
    assert "UnknownCause" in classes
    # The former stays inside the client, the latter inside the linter, which tells it as a finding.
    assert classes - {"LeaseEnded", "ParserMissing"} <= set(longwire.__all__)


def subclasses(of: type[Exception]) -> set[type[Exception]]:
    """All of our own, however deep."""
    found = {one for one in of.__subclasses__() if one.__module__.startswith("longwire.")}
    return found.union(*map(subclasses, found))


ALIASES = {
    "Any",
    "AsyncIterator",
    "Awaitable",
    "Callable",
    "Compression",
    "Event",
    "FragmentSource",
    "Handler",
    "Iterator",
    "HeadersSource",
    "Hook",
    "Literal",
    "Mapping",
    "None",
    "PathLike",
    "SSLContext",
    "Sendable",
    "SequenceOptions",
    "SocketSource",
    "StrPath",
    "Subscribe",
    "True",
}
"""Names in signatures that are no classes of ours: the standard library's, and aliases of types."""


def functions_of(owner: Any) -> list[Any]:
    """The public methods and properties of a class, or functions of longwire itself."""
    if owner is longwire:
        return [longwire.connect, longwire.serve, longwire.retryable]
    members: dict[str, Any] = dict(vars(owner))
    return [getattr(one, "fget", one) for name, one in members.items() if not name.startswith("_")]


@pytest.mark.parametrize("owner", [longwire.Client, longwire.Link, longwire.sync.Client, longwire])
def test_what_the_public_face_takes_and_gives_is_public(owner: Any) -> None:
    """Whoever passes an argument or gets a result can name its type without looking inside."""
    named = {
        name
        for function in functions_of(owner)
        for annotation in function.__annotations__.values()
        for name in re.findall(r"\b[A-Z]\w+", annotation)
    }
    assert named - ALIASES <= set(longwire.__all__)


def test_dir_lists_names_that_are_not_loaded_yet() -> None:
    """Completion in an interactive session sees every name."""
    assert set(longwire.__all__) <= set(dir(longwire))


def test_unknown_names_are_attribute_errors() -> None:
    """A name that does not exist is an ordinary AttributeError that names it."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        longwire.nonsense  # noqa: B018  # the access is the test


OPTIONAL = {"aiofastnet", "python_socks", "rich", "uvloop", "websockets", "zlib_ng"}
"""Extras, and the handshake's library: each is loaded by the first link that uses it."""


def test_import_longwire_loads_nothing_else() -> None:
    """``import longwire`` alone loads no event loop, no network library, none of our modules."""
    program = (
        "import json, sys; before = set(sys.modules); import longwire;"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = json.loads(run.stdout)
    assert not [name for name in loaded if name.partition(".")[0] in HEAVY]
    assert [name for name in loaded if name.startswith("longwire")] == ["longwire"]


@pytest.mark.parametrize(
    "program",
    ["longwire.connect('ws://localhost')", "longwire.serve(print)", "longwire.sync.connect"],
)
def test_no_extra_is_loaded_before_it_is_used(program: str) -> None:
    """What is optional, and what only the command line needs, costs nothing until then."""
    run = subprocess.run(
        [sys.executable, "-c", f"import longwire; {program}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert not loaded & OPTIONAL
    assert "longwire.cli" not in run.stdout.split()


@pytest.mark.parametrize(
    "program",
    [
        "import longwire; longwire.sync.connect",
        "import longwire.sync; longwire.sync.connect",
        "from longwire.sync import connect",
        "from longwire import sync; sync.connect",
    ],
)
def test_the_blocking_client_can_be_had_every_way(program: str) -> None:
    """As an attribute that nobody imported before, or by any kind of import."""
    subprocess.run([sys.executable, "-c", program], check=True)
