"""The walk that finds the ways through expressions, and follows the value of one call on them.

The value is followed through patterns, names, `?` and the methods of options and results;
conditions of which nothing is known are taken to go either way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from longwire.lint.rust import values
from longwire.lint.rust.macros import name_of
from longwire.lint.rust.roles import Role
from longwire.lint.rust.values import ERR, FALSE, TRUE, Fit, Value, after_method, fit
from longwire.lint.rust.ways import End, TooMany, Way, handled, is_own, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from longwire.lint.rust.meanings import Meanings
    from longwire.lint.rust.records import Call
    from longwire.lint.rust.syntax import Node

_MANY: Final = 96
"""So many ways are told apart; what would make more of them is not looked into."""
_PANICS: Final = frozenset({"panic", "unreachable", "todo", "unimplemented"})
_BAILS: Final = frozenset({"bail", "throw"})


class Walker:
    """Walks through a turn of a loop.

    Args:
        target: The call that gives the value.
        value: See `longwire.lint.rust.values`.
        meanings: Of the module.
        free: What is awaited without suspending.
    """

    def __init__(self, target: Node, value: Value, meanings: Meanings, free: Role) -> None:
        self._target = target
        self._value = value
        self._meanings = meanings
        self._free = free

    def turn(self, loop: Node, way: Way) -> set[Way]:
        """A turn of a loop; what leaves it by its condition breaks."""
        if loop.kind != "while_expression":
            return self.expression(loop.need("body"), way)
        yes, no = self._condition(loop.need("condition"), way, loop)
        through = self._behind(yes, lambda way: self.expression(loop.need("body"), way))
        return through | {
            way._replace(end=End.BREAKS) if way.end is End.FALLS else way for way in no
        }

    # -- plumbing -----------------------------------------------------------------------------

    @staticmethod
    def _behind(ways: Iterable[Way], then: Callable[[Way], Iterable[Way]]) -> set[Way]:
        """What comes of the ways that fall; the others as they are."""
        found: set[Way] = set()
        for way in ways:
            if way.end is End.FALLS:
                found.update(then(way))
            else:
                found.add(way)
        if len(found) > _MANY:
            raise TooMany
        return found

    def _all(self, nodes: Iterable[Node | None], way: Way) -> set[Way]:
        """One after the other; the value is that of the last."""
        ways = {way._replace(value=None)}
        for node in nodes:
            if node is not None:
                ways = self._behind(ways, lambda one, node=node: self.expression(node, one))  # type: ignore[misc]
        return ways

    def expression(self, node: Node, way: Way) -> set[Way]:
        """The ways through an expression or a statement."""
        visit = self._VISITS.get(node.kind)
        if visit is None:
            return self._forget(self._all(node.children, way))
        found: set[Way] = visit(self, node, way)
        return found

    @staticmethod
    def _forget(ways: Iterable[Way]) -> set[Way]:
        return {way._replace(value=None) if way.end is End.FALLS else way for way in ways}

    # -- statements ---------------------------------------------------------------------------

    def _block(self, node: Node, way: Way) -> set[Way]:
        return self._all([one for one in node.children if one.kind != "label"], way)

    def _statement(self, node: Node, way: Way) -> set[Way]:
        ways = self._all(node.children, way)
        return self._forget(ways) if node.source[node.end - 1 : node.end] == b";" else ways

    def _let(self, node: Node, way: Way) -> set[Way]:
        pattern, otherwise = node.field("pattern"), node.field("alternative")

        def bind(one: Way) -> Iterable[Way]:
            found, names = fit(pattern, one.value)
            if otherwise is None or found is not Fit.NO:
                yield named(one, names)._replace(value=None)
            if otherwise is not None and found is not Fit.YES:
                yield from self.expression(otherwise, handled(one, otherwise))

        return self._behind(self._all([node.field("value")], way), bind)

    def _assignment(self, node: Node, way: Way) -> set[Way]:
        left = node.need("left")
        ways = self._all([node.field("right")], way)
        return {
            named(one, {left.text: one.value})._replace(value=None) if one.end is End.FALLS else one
            for one in ways
        }

    # -- branches -----------------------------------------------------------------------------

    def _match(self, node: Node, way: Way) -> set[Way]:
        arms = node.need("body").children

        def choose(one: Way) -> Iterable[Way]:
            for arm in arms:
                found, names = fit(arm.field("pattern"), one.value)
                if found is not Fit.NO:
                    # `other => ...` takes it, `Some(message) => ...` looks at a part of it.
                    parts = {key: part for key, part in names.items() if part != one.value}
                    taken = named(handled(one, arm, parts), names)
                    yield from self.expression(arm.need("value"), taken)
                if found is Fit.YES:
                    return

        return self._behind(self._all([node.field("value")], way), choose)

    def _if(self, node: Node, way: Way) -> set[Way]:
        yes, no = self._condition(node.need("condition"), way, node)
        found = self._behind(yes, lambda one: self.expression(node.need("consequence"), one))
        otherwise = node.field("alternative")
        if otherwise is None:
            return found | self._forget(no)
        return found | self._behind(no, lambda one: self.expression(otherwise, one))

    def _condition(self, node: Node, way: Way, holder: Node) -> tuple[set[Way], set[Way]]:
        """The ways on which a condition is true, and those on which it is not.

        A way that ends in the condition is among the latter.
        """
        if node.kind == "let_condition":
            return self._let_condition(node, way, holder)
        is_and = node.kind == "let_chain" or (
            node.kind == "binary_expression" and node.operator == "&&"
        )
        if is_and:
            yes, no = {way}, set[Way]()
            for part in node.children:
                passed: set[Way] = set()
                for one in yes:
                    true, false = self._condition(part, one, holder)
                    passed |= true
                    no |= false
                yes = passed
            return yes, no
        if node.kind == "unary_expression" and node.text.startswith("!") and node.children:
            no, yes = self._condition(node.children[0], way, holder)
            ended = {one for one in yes if one.end is not End.FALLS}
            return yes - ended, no | ended
        return self._split(self.expression(node, way))

    @staticmethod
    def _split(ways: Iterable[Way]) -> tuple[set[Way], set[Way]]:
        yes, no = set[Way](), set[Way]()
        for way in ways:
            if way.end is not End.FALLS or way.value != TRUE:
                no.add(way)
            if way.end is End.FALLS and way.value != FALSE:
                yes.add(way)
        return yes, no

    def _let_condition(self, node: Node, way: Way, holder: Node) -> tuple[set[Way], set[Way]]:
        yes, no = set[Way](), set[Way]()
        for one in self._all([node.field("value")], way):
            if one.end is not End.FALLS:
                no.add(one)
                continue
            found, names = fit(node.field("pattern"), one.value)
            if found is not Fit.NO:
                yes.add(named(handled(one, holder, names), names)._replace(value=None))
            if found is not Fit.YES:
                no.add(handled(one, holder.field("alternative") or holder)._replace(value=None))
        return yes, no

    def _select(self, node: Node, way: Way) -> set[Way]:
        arms = [one for one in node.children if one.field("body") is not None]
        own = [arm for arm in arms if arm.need("value").holds(self._target)]
        found: set[Way] = set()
        for arm in own or arms:
            if arm.kind == "select_arm":
                found |= self._arm(arm, way, waits=not own)
            else:
                found |= self.expression(arm.need("body"), way)
        return found

    def _arm(self, arm: Node, way: Way, *, waits: bool) -> set[Way]:
        if waits:
            way = way._replace(suspends=True)
            names = fit(arm.field("pattern"), None)[1]
            return self.expression(arm.need("body"), named(way, names))

        def choose(one: Way) -> Iterable[Way]:
            found, names = fit(arm.field("pattern"), one.value)
            if found is not Fit.NO:
                yield from self.expression(arm.need("body"), named(handled(one, arm, names), names))
            if found is not Fit.YES or arm.field("condition") is not None:
                # It is not asked again: the other arms are waited for.
                yield one._replace(suspends=True, value=None)

        return self._behind(self.expression(arm.need("value"), way), choose)

    # -- loops --------------------------------------------------------------------------------

    def _while(self, node: Node, way: Way) -> set[Way]:
        yes, no = self._condition(node.need("condition"), way, node)
        inside = self._behind(yes, lambda one: self.expression(node.need("body"), one))
        return no | self._leave(node, inside)

    def _loop(self, node: Node, way: Way) -> set[Way]:
        inside = self.expression(node.need("body"), way)
        again = {one for one in inside if one.end is End.FALLS or is_own(one, node, End.CONTINUES)}
        return self._leave(node, inside - again)

    def _for(self, node: Node, way: Way) -> set[Way]:
        def run(one: Way) -> Iterable[Way]:
            yield one._replace(value=None)
            if one.value != values.EMPTY:
                names = fit(node.field("pattern"), None)[1]
                inside = self.expression(node.need("body"), named(one, names))
                yield from self._leave(node, inside)

        return self._behind(self._all([node.field("value")], way), run)

    @staticmethod
    def _leave(loop: Node, ways: Iterable[Way]) -> set[Way]:
        """What goes on behind a loop inside the one that is asked about."""
        return {
            one._replace(end=End.FALLS, label="")
            if is_own(one, loop, End.BREAKS) or is_own(one, loop, End.CONTINUES)
            else one
            for one in ways
        }

    def _jump(self, node: Node, way: Way) -> set[Way]:
        end = {
            "break_expression": End.BREAKS,
            "continue_expression": End.CONTINUES,
            "return_expression": End.RETURNS,
        }[node.kind]
        label = next((one.text for one in node.children if one.kind == "label"), "")
        ways = self._all([one for one in node.children if one.kind != "label"], way)
        return self._behind(ways, lambda one: [one._replace(end=end, label=label)])

    # -- values -------------------------------------------------------------------------------

    def _name(self, node: Node, way: Way) -> set[Way]:
        value = next((value for name, value in way.names if name == node.text), None)
        if value is None and node.kind == "field_expression":
            return self._forget(self._all(node.children[:1], way))
        if value is None:
            value = values.CONSTANTS.get(node.text)
        return {way._replace(value=value)}

    def _same(self, node: Node, way: Way) -> set[Way]:
        return self._all(node.children[-1:], way)

    def _unary(self, node: Node, way: Way) -> set[Way]:
        if not node.text.startswith("!"):
            return self._same(node, way)
        turned = {TRUE: FALSE, FALSE: TRUE}
        return {
            one._replace(value=turned.get(one.value)) if one.end is End.FALLS else one
            for one in self._same(node, way)
        }

    def _binary(self, node: Node, way: Way) -> set[Way]:
        if node.operator != "&&":
            return self._forget(self._all(node.children, way))
        yes, no = self._condition(node, way, node)
        return {one._replace(value=TRUE) for one in yes} | {
            one._replace(value=FALSE) if one.end is End.FALLS else one for one in no
        }

    def _try(self, node: Node, way: Way) -> set[Way]:
        def propagate(one: Way) -> Iterable[Way]:
            value = one.value
            if value is None or value[0] in ("Some", "Ok"):
                yield one._replace(value=value[1] if value and len(value) > 1 else None)
            if value is None or value[0] in ("None", "Err"):
                yield handled(one, node)._replace(end=End.RETURNS)

        return self._behind(self._same(node, way), propagate)

    def _await(self, node: Node, way: Way) -> set[Way]:
        inner = node.children[0] if node.children else node
        call = self._meanings.module.calls.get(inner)
        is_free = call is not None and bool(self._meanings.role(call) & self._free)
        return self._behind(
            self._same(node, way),
            lambda one: [
                one if is_free or one.marked > way.marked else one._replace(suspends=True)
            ],
        )

    def _call(self, node: Node, way: Way) -> set[Way]:
        call = self._meanings.module.calls.get(node)
        if call is None:
            return self._forget(self._all(node.children, way))
        ways = self._all([call.receiver], way)
        if call.receiver is not None and call.arguments:
            return self._behind(ways, lambda one: self._with_arguments(call, one))
        if call.receiver is None:
            ways = self._all(call.arguments, way)
        return self._behind(ways, lambda one: self._called(call, one, one.value))

    def _with_arguments(self, call: Call, way: Way) -> set[Way]:
        received = way.value
        ways = self._all(call.arguments, way)
        return self._behind(ways, lambda one: self._called(call, one, received))

    def _called(self, call: Call, way: Way, value: Value) -> Iterable[Way]:
        does = self._meanings.does(call)
        before = way._replace(value=value)
        way = way._replace(does=way.does | does, value=None)
        if call.node is self._target:
            return [way._replace(value=self._value, marked=True, handled=None)]
        if Role.EXIT in does:
            return [way._replace(end=End.PANICS)]
        if call.receiver is not None:
            after = after_method(call.name, value)
            if after == ():
                return [handled(before, call.node)._replace(end=End.PANICS)]
            return [way._replace(value=after or None)]
        if Role.LIMIT in self._meanings.role(call):
            return [way._replace(value=("Ok", value) if value is not None else None)]
        if call.path in ("Some", "Ok", "Err"):
            return [way._replace(value=(call.path, value))]
        return [way]

    def _macro(self, node: Node, way: Way) -> set[Way]:
        name = name_of(node)
        ways = self._forget(self._all(node.children, way))
        if name in _PANICS:
            return self._behind(ways, lambda one: [one._replace(end=End.PANICS)])
        if name in _BAILS:
            return self._behind(ways, lambda one: [one._replace(end=End.RETURNS, value=ERR)])
        if name in ("join", "try_join"):
            return self._behind(ways, lambda one: [one._replace(suspends=True)])
        return ways

    def _apart(self, node: Node, way: Way) -> set[Way]:
        """What is not run here."""
        return {way._replace(value=None)}

    _VISITS: ClassVar[dict[str, Callable[..., Any]]] = {
        "block": _block,
        "unsafe_block": _block,
        "expression_statement": _statement,
        "let_declaration": _let,
        "assignment_expression": _assignment,
        "match_expression": _match,
        "if_expression": _if,
        "else_clause": _same,
        "select_expression": _select,
        "while_expression": _while,
        "loop_expression": _loop,
        "for_expression": _for,
        "break_expression": _jump,
        "continue_expression": _jump,
        "return_expression": _jump,
        "identifier": _name,
        "field_expression": _name,
        "boolean_literal": _name,
        "unit_expression": _name,
        "parenthesized_expression": _same,
        "reference_expression": _same,
        "unary_expression": _unary,
        "binary_expression": _binary,
        "try_expression": _try,
        "await_expression": _await,
        "call_expression": _call,
        "macro_invocation": _macro,
        "closure_expression": _apart,
        "async_block": _apart,
        "function_item": _apart,
    }
