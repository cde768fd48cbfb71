"""A result for the terminal: first in plain words, then every figure of it."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from milepost.risk.fields import Assessment, field_table
from milepost.risk.plain import plain
from milepost.risk.result import Result

WIDTH = 100
SMALL = 0.0005
"""Parts of a score below this are not worth a line."""


def lines(result: Result, person: Assessment | None = None) -> Iterator[str]:
    """The whole explanation, a line at a time."""
    yield f"{result.name} ({result.instrument}), version {result.version}"
    for paragraph in plain(result):
        yield from wrap(paragraph, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield "  The exact figures"
    yield from _figures(result, person)


def _figures(result: Result, person: Assessment | None) -> Iterator[str]:
    if not result.scored:
        yield "  No score."
        for item in result.problems:
            shown = f" [{item.value}]" if item.value is not None else ""
            yield f"  {item.field}: {item.message}{shown}. {item.remedy}"
        return
    basis = f", {result.basis}" if result.basis else ""
    points = f", {result.points:g} points" if result.points is not None else ""
    band = (result.band or "no bands").replace("_", " ")
    yield f"  {result.shown}: {band}{basis}{points}" if result.percentage is not None else f"  {band}{points}"
    if result.words:
        yield f"  {result.words}"
    edges = []
    if result.to_next_band is not None:
        edges.append(f"{result.to_next_band:g} {result.edge_unit} below the next band")
    if result.to_band_below is not None:
        edges.append(f"{result.to_band_below:g} above the lower edge of this one")
    if edges:
        yield f"  Distance: {'; '.join(edges)}."
    if result.basis_reason and result.basis == "static":
        yield f"  Why static: {result.basis_reason}"
    elif result.missing:
        yield "  Missing: " + "; ".join(f"{item.label}, {item.effect}" for item in result.missing) + "."
    if result.terms:
        yield f"  What it is made of ({result.unit}):"
        for term in sorted(result.terms, key=lambda term: -abs(term.value)):
            if abs(term.value) >= SMALL:
                yield f"    {term.value:+9.3f}  {term.label}{_answer(term.field, person)}"
    if result.changes:
        yield "  What would lower it, if all else stayed the same:"
        for change in result.changes:
            band = (change.band or "").replace("_", " ")
            yield f"    {change.label}: {change.now} -> {change.instead}: {change.percentage:g}%, {band}"
    yield f"  Source: {result.source}. Data {result.data_hash}."


def _answer(field: str | None, person: Assessment | None) -> str:
    if field is None or person is None:
        return ""
    return f" = {field_table()[field].shown(getattr(person, field))}"
