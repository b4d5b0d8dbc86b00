"""As much of SVG as a bar chart needs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping


class Drawing:
    """Collects elements, and writes them as one SVG document with a style sheet."""

    def __init__(self, width: float, height: float, style: str, title: str) -> None:
        self._width = width
        self._height = height
        self._style = style
        self._title = title
        self._elements: list[str] = []

    def box(
        self, x: float, y: float, width: float, height: float, css: str, *, round_by: float = 0
    ) -> None:
        """A rectangle, its corners rounded if asked for."""
        attributes = {"x": x, "y": y, "width": width, "height": height, "rx": round_by}
        self._add("rect", css, attributes)

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        """A straight line."""
        self._add("line", css, {"x1": x1, "y1": y1, "x2": x2, "y2": y2})

    def text(self, x: float, y: float, words: str, css: str) -> None:
        """Words on the base line ``y``."""
        self._add("text", css, {"x": x, "y": y}, words)

    def _add(
        self, name: str, css: str, attributes: Mapping[str, float], content: str | None = None
    ) -> None:
        written = "".join(f' {key}="{value:.5g}"' for key, value in attributes.items())
        end = "/>" if content is None else f">{escape(content)}</{name}>"
        self._elements.append(f"<{name} class={quoteattr(css)}{written}{end}")

    def document(self) -> str:
        """The whole file."""
        head = (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
            f' width="{self._width:g}" height="{self._height:g}"'
            f' viewBox="0 0 {self._width:g} {self._height:g}">'
        )
        parts = (
            head,
            f"<title>{escape(self._title)}</title>",
            f"<style>{self._style}</style>",
            *self._elements,
            "</svg>",
        )
        return "\n".join(parts) + "\n"
