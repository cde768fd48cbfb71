"""XML read as a stream of elements, with nothing in it that can reach out or blow up.

Python's own expat, with any document type declaration refused: without one there are no entities to
expand ("billion laughs") and none to fetch. Neither GPX nor KML needs one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats.messages import Collected

MOST_TEXT = 1 << 24
"""Characters of text kept of one element (a KML coordinates element may be long)."""
MOST_DEPTH = 200


class Refused(Exception):
    """The document asks for something that is not allowed; the message says what."""


@dataclass(slots=True)
class Element:
    """An element as it closes. ``name`` without namespace, ``line`` where it opened."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def first(self, *names: str) -> Element | None:
        """The first element below with one of ``names``, in document order."""
        for child in self.children:
            if child.name in names:
                return child
            if (found := child.first(*names)) is not None:
                return found
        return None

    def said(self, *names: str) -> str | None:
        found = self.first(*names)
        return found.text.strip() or None if found else None


def walk(
    path: Path,
    out: Collected,
    wanted: frozenset[str],
    visit: Callable[[Element, tuple[Element, ...]], None],
) -> None:
    """Calls ``visit`` with each outermost element named in ``wanted`` and the elements it lies in.

    A file cut off or broken gives a problem, and what came before it is kept. Raises ``UnreadableFile``
    if it declares a document type or nothing came before the break.
    """
    stack: list[Element] = []
    depth_wanted = 0
    visited = 0
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth_wanted
        if len(stack) >= MOST_DEPTH:
            raise Refused(f"The XML is nested deeper than {MOST_DEPTH} elements")
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition(" ")[2], plain, parser.CurrentLineNumber)
        stack.append(element)
        depth_wanted += element.name in wanted

    def end(_: str) -> None:
        nonlocal depth_wanted, visited
        element = stack.pop()
        if element.name in wanted:
            depth_wanted -= 1
            if depth_wanted == 0:
                visited += 1
                visit(element, tuple(stack))
                return
        # Above the wanted elements only names and times are worth keeping, not whole tracks.
        if stack and (depth_wanted or not element.children):
            stack[-1].children.append(element)

    def text(data: str) -> None:
        if stack and len(stack[-1].text) < MOST_TEXT:
            stack[-1].text += data

    def refuse(*_: object) -> None:
        raise Refused("The XML declares a document type, which could hide entities")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except Refused as error:
        raise UnreadableFile(
            Problem(
                path.name, parser.CurrentLineNumber, None, str(error), "Remove it and read the file again."
            )
        ) from None
    except (expat.ExpatError, OSError, ValueError, LookupError) as error:
        problem = Problem(
            path.name, parser.CurrentLineNumber, None, f"The XML is broken here ({error})", "Export it again."
        )
        if not visited:
            raise UnreadableFile(problem) from None
        message = "The XML is broken here; what came before was read"
        out.bad(parser.CurrentLineNumber, None, message, "Export the file again.", str(error))
