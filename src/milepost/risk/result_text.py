"""A result as text: first in plain words, then every figure of it."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from milepost.language import ENGLISH, Language
from milepost.risk.fields import Assessment, field_table
from milepost.risk.frozen import result_in
from milepost.risk.plain import plain
from milepost.risk.result import Result, band_words

WIDTH = 100
SMALL = 0.0005
"""Parts of a score below this are not worth a line."""


def lines(result: Result, person: Assessment | None = None, language: Language = ENGLISH) -> Iterator[str]:
    """The whole explanation, a line at a time."""
    name = language.say(result.name)
    yield language.say(
        "{name} ({key}), version {version}", name=name, key=result.instrument, version=result.version
    )
    for paragraph in plain(result, language):
        yield from wrap(paragraph, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield "  " + language.say("The exact figures")
    for line in _figures(result, person, language):
        yield f"  {line}"


def _figures(result: Result, person: Assessment | None, language: Language) -> Iterator[str]:
    say = language.say
    said = result_in(result.as_dict(), language)
    if not result.scored:
        yield say("No score.")
        for item, told in zip(result.problems, said["problems"], strict=True):
            shown = f" [{item.value}]" if item.value is not None else ""
            yield f"{item.field}: {told['message']}{shown}. {told['remedy']}"
        return
    band = band_words(result.band, language) if result.band else say("no bands")
    first = f"{said['shown']}: {band}" if result.percentage is not None else band
    if result.basis:
        first += f", {say(result.basis)}"
    if result.points is not None:
        first += f", {say('{points} points', points=result.points)}"
    yield first
    if result.words:
        yield said["words"]
    edges = []
    if result.to_next_band is not None:
        unit = say(result.edge_unit)
        edges.append(say("{distance} {unit} below the next band", distance=result.to_next_band, unit=unit))
    if result.to_band_below is not None:
        edges.append(say("{distance} above the lower edge of this one", distance=result.to_band_below))
    if edges:
        yield say("Distance: {list}.", list="; ".join(edges))
    if result.basis_reason and result.basis == "static":
        yield say("Why static: {reason}", reason=said["basis_reason"])
    elif result.missing:
        yield say(
            "Missing: {list}.",
            list="; ".join(f"{item['label']}, {item['effect']}" for item in said["missing"]),
        )
    if result.terms:
        yield say("What it is made of ({unit}):", unit=said["unit"])
        for term, told in sorted(
            zip(result.terms, said["terms"], strict=True), key=lambda both: -abs(both[0].value)
        ):
            if abs(term.value) >= SMALL:
                yield f"  {term.value:+9.3f}  {told['label']}{_answer(term.field, person, language)}"
    if result.changes:
        yield say("What would lower it, if all else stayed the same:")
        for change, told in zip(result.changes, said["changes"], strict=True):
            then = band_words(change.band, language) if change.band else ""
            yield f"  {told['label']}: {told['now']} -> {told['instead']}: {change.percentage:g}%, {then}"
    yield say("Source: {source}. Data {data_hash}.", source=result.source, data_hash=result.data_hash)


def _answer(field: str | None, person: Assessment | None, language: Language) -> str:
    if field is None or person is None:
        return ""
    return f" = {language.say(field_table()[field].shown(getattr(person, field)))}"
