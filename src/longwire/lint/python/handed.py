"""What the functions of a module are called with, by the module itself or by a library."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from longwire.lint.python import sockets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Call, Function


class Handed:
    """The values that functions get.

    Attributes:
        first: The kind of what a library gives to a function as its first argument.
    """

    def __init__(self) -> None:
        self.first: dict[Function, str] = {}
        self._given: dict[Function, list[tuple[int | str, ast.expr, Function]]] = defaultdict(list)

    def values(self, function: Function, parameter: str) -> Iterator[tuple[ast.expr, Function]]:
        """What callers in this module give for a parameter, with the function they do it in."""
        names = [one.arg for one in function.parameters]
        for place, expression, caller in self._given.get(function, ()):
            name = names[place] if isinstance(place, int) and place < len(names) else place
            if name == parameter:
                yield expression, caller

    def find(self, meanings: Meanings) -> None:
        """Note what all calls of a module hand over."""
        for call in meanings.module.calls.values():
            self._note(call, meanings)

    def _note(self, call: Call, meanings: Meanings) -> None:
        """What a call hands over: to the function it calls, or to those among its arguments."""
        caller = call.function
        called = meanings.function(call.node.func, caller)
        if called is not None:
            self._give(called, call.node.args, call.node.keywords, caller)
            return
        for passed, arguments in _passed_on(call.node):
            target = meanings.function(passed, caller)
            if target is not None:
                self._give(target, arguments, [], caller)
        self._note_handlers(call, meanings)

    def _give(
        self,
        function: Function,
        arguments: list[ast.expr],
        keywords: list[ast.keyword],
        caller: Function,
    ) -> None:
        given = self._given[function]
        given.extend((place, one, caller) for place, one in enumerate(arguments))
        given.extend((one.arg, one.value, caller) for one in keywords if one.arg is not None)

    def _note_handlers(self, call: Call, meanings: Meanings) -> None:
        name = meanings.name(call.node.func, call.function)
        if name is None or name not in sockets.HANDLERS:
            return
        places, kind = sockets.HANDLERS[name]
        arguments: dict[int | str | None, ast.expr] = dict(enumerate(call.node.args))
        arguments |= {one.arg: one.value for one in call.node.keywords}
        for place in places:
            given = arguments.get(place)
            target = None if given is None else meanings.function(given, call.function)
            if target is not None:
                self.first[target] = kind


def _passed_on(call: ast.Call) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
    """What may be a function among the arguments, with what it will then be called with."""
    for place, argument in enumerate(call.args):
        if isinstance(argument, (ast.Name, ast.Attribute)):
            yield argument, call.args[place + 1 :]
    keywords = {one.arg: one.value for one in call.keywords}
    if "target" in keywords:  # threading.Thread(target=f, args=(ws,))
        arguments = keywords.get("args")
        elements = arguments.elts if isinstance(arguments, (ast.Tuple, ast.List)) else []
        yield keywords["target"], elements
