"""Full names of what a file uses, each written in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from longwire.lint.rust.syntax import Node

_SAME: Final = (
    ("tokio_tungstenite::tungstenite::", "tungstenite::"),
    ("async_tungstenite::tungstenite::", "tungstenite::"),
    ("hyper_tungstenite::tungstenite::", "tungstenite::"),
    ("rocket_ws::tungstenite::", "tungstenite::"),
    ("hyper_tungstenite::", "tokio_tungstenite::"),
    ("async_tungstenite::tokio::", "tokio_tungstenite::"),
    ("async_tungstenite::async_std::", "tokio_tungstenite::"),
    ("async_tungstenite::", "tokio_tungstenite::"),
    ("tokio_tungstenite::stream::", "tokio_tungstenite::"),
    ("tungstenite::protocol::", "tungstenite::"),
    ("tungstenite::client::", "tungstenite::"),
    ("tungstenite::server::", "tungstenite::"),
    ("tungstenite::error::", "tungstenite::"),
    ("tungstenite::message::", "tungstenite::"),
    ("axum_extra::extract::ws::", "axum::extract::ws::"),
    ("axum::extract::WebSocketUpgrade", "axum::extract::ws::WebSocketUpgrade"),
    ("warp::filters::ws::", "warp::ws::"),
    ("futures_util::", "futures::"),
    ("futures_lite::", "futures::"),
    ("futures_core::", "futures::"),
    ("futures_channel::", "futures::channel::"),
    ("futures::prelude::", "futures::"),
    ("futures::stream::StreamExt", "futures::StreamExt"),
    ("futures::sink::SinkExt", "futures::SinkExt"),
    ("futures::future::join_all::", "futures::future::"),
    ("crossbeam::channel::", "crossbeam_channel::"),
    ("tokio::task::spawn::", "tokio::task::"),
    ("tokio::sync::mpsc::unbounded::", "tokio::sync::mpsc::"),
    ("tokio::time::interval::", "tokio::time::"),
    ("core::time::", "std::time::"),
)
"""Modules whose names can be had from another module, too; longer ones first."""


def canonical(name: str) -> str:
    """The name that the tables use."""
    name = name.removeprefix("::").removeprefix("crate::")
    for prefix, instead in _SAME:
        if name.startswith(prefix):
            return canonical(instead + name.removeprefix(prefix))
    return name


def path_of(node: Node | None) -> str | None:
    """``a::b::c``, without arguments for types; None, if it is no path."""
    if node is None:
        return None
    match node.kind:
        case "identifier" | "type_identifier" | "field_identifier" | "self" | "crate" | "super":
            return node.text
        case "metavariable" | "primitive_type":
            return node.text
        case "scoped_identifier" | "scoped_type_identifier":
            head, tail = node.field("path"), node.field("name")
            before = path_of(head) if head is not None else ""
            return None if before is None or tail is None else f"{before}::{tail.text}"
        case "generic_type" | "generic_type_with_turbofish" | "generic_function":
            return path_of(node.field("type") or node.field("function"))
        case "bracketed_type":
            return path_of(node.children[0]) if node.children else None
    return None


def last(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("::")[2]


class Imports:
    """What the names mean that a file uses from other modules."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.wildcards: list[str] = []

    def add(self, node: Node, before: str = "") -> None:
        """Take what a ``use`` declaration says, or a part of it."""
        match node.kind:
            case "use_declaration":
                for child in node.children:
                    self.add(child)
            case "scoped_use_list":
                head = path_of(node.field("path"))
                inside = f"{before}{head}::" if head else before
                for child in node.need("list").children:
                    self.add(child, inside)
            case "use_list":
                for child in node.children:
                    self.add(child, before)
            case "use_as_clause":
                path, alias = path_of(node.field("path")), node.field("alias")
                if path and alias is not None and alias.text != "_":
                    self.names[alias.text] = before + path
            case "use_wildcard":
                path = path_of(node.children[0]) if node.children else ""
                self.wildcards.append(f"{before}{path}")
            case "self":
                self.names[last(before.removesuffix("::"))] = before.removesuffix("::")
            case _:
                path = path_of(node)
                if path:
                    self.names[last(path)] = before + path

    def full(self, path: str) -> str:
        """The full name of a path, in the one way to write it."""
        seen = 0
        head, separator, rest = path.partition("::")
        while head in self.names and seen < 4:  # use a::b; use b::c;
            target = self.names[head]
            path = f"{target}{separator}{rest}"
            seen += 1
            new = target.partition("::")[0]
            if new == head:
                break
            head, separator, rest = path.partition("::")
        return canonical(path)

    def candidates(self, path: str) -> list[str]:
        """Its full name, and what it could be by a ``use a::*``."""
        full = self.full(path)
        return [full, *(canonical(f"{one}::{path}") for one in map(self.full, self.wildcards))]
