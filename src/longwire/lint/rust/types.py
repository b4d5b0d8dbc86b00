"""What kinds of values the types of a file stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.lint.rust import sockets, standard
from longwire.lint.rust.names import last, path_of
from longwire.lint.rust.roles import UNKNOWN, Kind

if TYPE_CHECKING:
    from longwire.lint.rust.records import Body, Module
    from longwire.lint.rust.syntax import Node

_TYPES: Final = {**standard.TYPES, **sockets.TYPES}
_HALVES: Final = {"SplitSink": "writer", "SplitStream": "reader"}
_DEEP: Final = 16


class Types:
    """The kinds of the types of a module."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self.libraries = _libraries(module)

    @property
    def main_library(self) -> str:
        """The library that a socket of this file is of, where it does not say."""
        return self.libraries[0] if self.libraries else "websocket?"

    def kind(self, node: Node | None, body: Body | None = None, depth: int = 0) -> Kind:
        """The kind of the values of a type.

        Args:
            node: The type as it is written.
            body: Where its parameters for types come from.
            depth: For itself.
        """
        if node is None or depth > _DEEP:
            return UNKNOWN
        match node.kind:
            case "reference_type" | "pointer_type" | "bracketed_type":
                return self.kind(node.field("type"), body, depth + 1)
            case "tuple_type":
                return Kind(
                    "tuple", tuple(self.kind(one, body, depth + 1) for one in node.children)
                )
            case "array_type":
                return Kind("vec", (self.kind(node.field("element"), body, depth + 1),))
            case "generic_type":
                return self._generic(node, body, depth)
            case "type_identifier" | "scoped_type_identifier":
                return self._named(node, body, depth)
            case "abstract_type" | "dynamic_type" | "bounded_type" | "trait_bounds":
                return self._bounded(node)
            case "parameter":
                return self.kind(node.field("type"), body, depth + 1)
        return UNKNOWN

    def _generic(self, node: Node, body: Body | None, depth: int) -> Kind:
        path = path_of(node) or ""
        name = last(path)
        found = node.field("type_arguments")
        arguments = [one for one in found.children if one.kind != "lifetime"] if found else []
        first = arguments[0] if arguments else None
        if name in standard.WRAPPERS:
            return self.kind(first, body, depth + 1)
        if name in _HALVES:
            whole = self.kind(first, body, depth + 1)
            family = self.main_library if whole is UNKNOWN else whole.family
            return Kind(f"{family}.{_HALVES[name]}")
        if name in standard.LISTS:
            return Kind("vec", (self.kind(first, body, depth + 1),))
        if name in standard.MAPS:
            value = arguments[1] if len(arguments) > 1 else None
            return Kind("map", (self.kind(value, body, depth + 1),))
        lock = self.lock(path)
        if lock is not None:
            return Kind(f"mutex.{lock}", (self.kind(first, body, depth + 1),))
        return self._named(node, body, depth)

    def lock(self, path: str) -> str | None:
        """What kind of a lock a type is, by its path; None, if it is none."""
        names = self._module.imports.candidates(path)
        return next((standard.LOCKS[one] for one in names if one in standard.LOCKS), None)

    def _named(self, node: Node, body: Body | None, depth: int) -> Kind:
        path = path_of(node) or ""
        if path == "Self":
            return Kind(f"struct:{body.function.owner}") if body is not None else UNKNOWN
        alias = self._module.aliases.get(path)
        if alias is not None:
            return self.kind(alias, None, depth + 1)
        if body is not None:
            for one in body.outward():
                if path in one.bounds:
                    return self._any_bounded(one.bounds[path])
        if last(path) in self._module.structs:
            return Kind(f"struct:{last(path)}")
        return self.of_path(path)

    def of_path(self, path: str) -> Kind:
        """The kind of a type of a library, by its path."""
        for name in self._module.imports.candidates(path):
            if name in _TYPES:
                return _TYPES[name]
        if last(path) == "WebSocketStream" and self.libraries:
            return Kind(self.main_library)
        return UNKNOWN

    def _any_bounded(self, bounds: list[Node]) -> Kind:
        kinds = [self._bounded(one) for one in bounds]
        return next((one for one in kinds if one is not UNKNOWN), UNKNOWN)

    def _bounded(self, node: Node) -> Kind:
        """Of what has to be a stream of messages, or a sink for them."""
        text = node.text
        if "Message" not in text and "WsError" not in text:
            return UNKNOWN
        is_stream, is_sink = "Stream" in text, "Sink" in text
        if is_stream and "Result" not in text:
            return UNKNOWN
        if is_stream or is_sink:
            half = "" if is_stream and is_sink else ".reader" if is_stream else ".writer"
            return Kind(self.main_library + half)
        return UNKNOWN


def _libraries(module: Module) -> list[str]:
    """The libraries for WebSockets that a file names, those that it surely means first."""
    named = {full.partition("::")[0] for full in _all_names(module)}
    text = module.tree.source
    found = []
    for crate, library in sockets.CRATES.items():
        if crate in named or re.search(rb"\b%b::" % crate.encode(), text):
            if crate in ("axum", "warp", "poem", "salvo") and not _speaks(text):
                continue
            if library not in found:
                found.append(library)
    if "tokio-tungstenite" not in found and b"hyper_tungstenite" in text:
        found.insert(0, "tokio-tungstenite")
    if "tokio-tungstenite" not in found and b"async_tungstenite" in text:
        found.insert(0, "tokio-tungstenite")
    return found


def _speaks(text: bytes) -> bool:
    """Whether a web framework is used for WebSockets."""
    return b"WebSocket" in text or b"ws::" in text


def _all_names(module: Module) -> list[str]:
    return [
        one.removeprefix("::")
        for one in (*module.imports.names.values(), *module.imports.wildcards)
    ]
