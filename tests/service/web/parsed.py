"""HTML as a tree that can be compared: order of attributes and blank space do not count, all else does."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"input", "br", "hr", "img", "link", "meta", "path", "source", "col"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        shown = []
        for name, value in sorted(attrs, key=lambda pair: pair[0]):
            text = value or ""
            text = " ".join(sorted(text.split())) if name == "class" else " ".join(text.split())
            shown.append(f'{name}="{text}"')
        self.lines.append("  " * self.depth + " ".join([f"<{tag}", *shown]))
        if tag not in VOID:
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.depth -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data).strip()
        if not text:
            return
        self.lines.append("  " * self.depth + text)


def parsed(html: str) -> str:
    """One line an element or text, indented by depth; an unclosed element shifts what follows and so shows."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n".join([*reader.lines, f"depth {reader.depth}"])
