"""The stand-ins for Cython's names: all that the hot modules use, and they do nothing."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from longwire.link import cython_shim, hot

SOURCE = Path(cython_shim.__file__).parent.parent


def names_used(module: str) -> set[str]:
    """The attributes of ``cython`` that a hot module uses."""
    tree = ast.parse(SOURCE.joinpath(*module.split(".")).with_suffix(".py").read_text())
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "cython"
    }


@pytest.mark.parametrize("module", hot.HOT_MODULES)
def test_every_name_that_a_hot_module_uses_is_here(module: str) -> None:
    """A hot module can be imported where no Cython is installed."""
    assert names_used(module) <= set(vars(cython_shim))


def test_we_are_not_compiled() -> None:
    """``cython.compiled`` is False wherever the shim is used."""
    assert cython_shim.compiled is False


def sample() -> str:
    return "sample"


@pytest.mark.parametrize(
    "decorator",
    [
        cython_shim.cclass,
        cython_shim.cfunc,
        cython_shim.ccall,
        cython_shim.inline,
        cython_shim.final,
        cython_shim.boundscheck(False),
        cython_shim.wraparound(False),
        cython_shim.nonecheck(True),
        cython_shim.cdivision(True),
        cython_shim.freelist(8),
        cython_shim.exceptval(-1, check=False),
    ],
)
def test_decorators_change_nothing(decorator: Any) -> None:
    """What is decorated is what comes out."""
    assert decorator(sample) is sample


def test_declared_values_start_as_in_c() -> None:
    """A declared number starts at 0, an object at None, and a given value is taken."""
    assert cython_shim.declare(cython_shim.longlong) == 0
    assert cython_shim.declare(float) == 0.0
    assert cython_shim.declare(cython_shim.bint) is False
    assert cython_shim.declare(list) is None
    assert cython_shim.declare(cython_shim.int, 7) == 7
    assert cython_shim.declare(cython_shim.int, visibility="readonly") == 0


def test_casts_and_addresses_give_the_value_back() -> None:
    """cast and address answer what they were given."""
    value = object()
    assert cython_shim.cast("Parser", value) is value
    assert cython_shim.address(value) is value
