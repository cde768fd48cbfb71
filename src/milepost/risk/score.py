"""Scores one person, explained. The arithmetic is that of a table with few rows: the same code, the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np

from milepost.language import ENGLISH, Language, to_say
from milepost.problems import Problem
from milepost.risk.checks import Check
from milepost.risk.data_files import fingerprint
from milepost.risk.fields import Assessment, FieldInfo, field_table
from milepost.risk.instruments import CURRENT, chosen, instruments
from milepost.risk.options import STATED, Options
from milepost.risk.result import Change, MissingAnswer, Result, frequency, shown
from milepost.risk.rows import Rows
from milepost.risk.scored import Instrument, Scored, Term

SHOWN_CHANGES = 5
NOT_ANSWERED = "Not answered: "
_BETTER: dict[str, object] = {"recognises_impact": True}
"""Changeable answers where yes is the better one; elsewhere it is no, or 0."""


def score(
    person: Assessment,
    names: Sequence[str] = CURRENT,
    options: Options = STATED,
    *,
    changes: bool = True,
) -> dict[str, Result]:
    """Results by instrument, in order. ``changes=False`` leaves out what other answers would give.

    Raises ``ValueError`` for an unknown instrument or an answer that its field cannot hold.
    """
    variants = _variants(person) if changes else []
    rows = Rows.with_changes(person, [(info.name, best) for info, best in variants])
    found = {}
    with np.errstate(invalid="ignore"):
        for key in chosen(tuple(names)):
            instrument = instruments()[key]
            scored = instrument.compute(rows, options)
            found[key] = _result(instrument, scored, rows, person, variants)
    return found


def _variants(person: Assessment) -> list[tuple[FieldInfo, object]]:
    """Each changeable answer that is not at its best, with its best value."""
    variants: list[tuple[FieldInfo, object]] = []
    for info, best in _changeable():
        now = getattr(person, info.name)
        if now is not None and now != best:
            variants.append((info, best))
    return variants


@cache
def _changeable() -> tuple[tuple[FieldInfo, object], ...]:
    found = [info for info in field_table().values() if info.changeable]
    return tuple((i, _BETTER.get(i.name, 0 if i.kind == "level" else False)) for i in found)


def _result(
    instrument: Instrument,
    scored: Scored,
    rows: Rows,
    person: Assessment,
    variants: list[tuple[FieldInfo, object]],
) -> Result:
    about = Result(
        instrument=instrument.key,
        name=instrument.name,
        version=instrument.version,
        source=f"{instrument.source} @ {instrument.commit[:7]}",
        data_hash=fingerprint(*instrument.files),
        scored=False,
        horizon_years=instrument.horizon_years,
    )
    band = int(scored.band[0])
    percentage, points = (
        _plain(scored.percentage[0]),
        _plain(scored.points[0] if scored.points is not None else None),
    )
    if percentage is None and band < 0:
        failed = list({
            (check.field, check.message): check for check in instrument.checks if check.mask(rows)[0]
        }.values())  # fmt: skip
        problems = tuple(problem(check, person, None) for check in failed)
        missing = tuple(
            MissingAnswer(check.field, field_table()[check.field].label, to_say("no score without it"))
            for check in failed
            if check.kind == "missing"
        )
        return replace(about, problems=problems, missing=missing)
    terms = tuple(scored.terms(0))
    basis, reason, missing = _basis(instrument, scored, rows, person, terms)
    below, above, unit = _edges(instrument, scored, percentage, points)
    applies = band < 0 or instrument.bands[band] != "not_applicable"
    return replace(
        about,
        scored=True,
        probability=_plain(scored.probability[0]) if scored.probability is not None else None,
        percentage=percentage,
        shown=shown(percentage, instrument.decimals)
        if percentage is not None and applies
        else to_say("not applicable"),
        band=instrument.bands[band] if band >= 0 else None,
        points=points,
        basis=basis,
        basis_reason=reason,
        to_next_band=above,
        to_band_below=below,
        edge_unit=unit,
        words=frequency(percentage, instrument.event, instrument.horizon_years)
        if percentage is not None and applies
        else "",
        unit=scored.unit,
        total=float(sum(term.value for term in terms)) if terms else None,
        terms=terms,
        missing=missing,
        changes=_changes(instrument, scored, person, variants),
        extra={name: _plain(values[0]) for name, values in scored.extra.items()},
    )


def _basis(
    instrument: Instrument, scored: Scored, rows: Rows, person: Assessment, terms: tuple[Term, ...]
) -> tuple[Literal["static", "dynamic"] | None, str, tuple[MissingAnswer, ...]]:
    if scored.dynamic is None:
        reason = {
            "static": to_say("It has only a static version."),
            "dynamic": to_say("It has only a dynamic version."),
        }.get(instrument.fixed_basis or "", "")
        return instrument.fixed_basis, reason, ()
    table = field_table()
    if scored.dynamic[0]:
        missing = tuple(
            MissingAnswer(name, table[name].label, to_say("counted as not used"))
            for name in sorted({term.field for term in terms if term.field})
            if name.startswith("drug_") and name != "drug_motivation" and getattr(person, name) is None
        )
        if "drug_motivation" in {term.field for term in terms} and person.drug_motivation is None:
            motivation = table["drug_motivation"].label
            missing += (MissingAnswer("drug_motivation", motivation, to_say("counted as full motivation")),)
        return "dynamic", to_say("Every dynamic question it needs is answered."), missing
    failed = [check for check in instrument.dynamic_checks if check.mask(rows)[0]]
    missing = tuple(
        MissingAnswer(check.field, table[check.field].label, to_say("the static version was used"))
        for check in failed
    )
    if not failed:
        return "static", to_say("The static version was asked for."), missing
    return "static", basis_words(NOT_ANSWERED, [item.label for item in missing]), missing


def basis_words(reason: str, missing: Sequence[str], language: Language = ENGLISH) -> str:
    """Why a score rests on what it does. ``missing``: labels, read where answers were."""
    if reason.startswith(NOT_ANSWERED):
        return language.say("Not answered: {list}.", list=", ".join(language.say(label) for label in missing))
    return language.say(reason)


def _edges(
    instrument: Instrument, scored: Scored, percentage: float | None, points: float | None
) -> tuple[float | None, float | None, str]:
    """Down to the lower edge, up to the next one, and in what."""
    at, edges, unit = percentage, scored.edges or instrument.edges, to_say("percentage points")
    if instrument.point_edges:
        at, edges, unit = points, instrument.point_edges, to_say("points")
    if at is None or not edges:
        return None, None, unit
    below = [edge for edge in edges if at >= edge]
    above = [edge for edge in edges if at < edge]
    return (
        round(at - below[-1], 2) if below else None,
        round(above[0] - at, 2) if above else None,
        unit,
    )


def _changes(
    instrument: Instrument, scored: Scored, person: Assessment, variants: list[tuple[FieldInfo, object]]
) -> tuple[Change, ...]:
    """Those that lower the score, the largest first; only for a score that used dynamic answers."""
    if scored.dynamic is not None and not scored.dynamic[0]:
        return ()
    found = []
    for row, (info, best) in enumerate(variants, start=1):
        if scored.dynamic is not None and not scored.dynamic[row]:
            continue
        if not scored.percentage[row] < scored.percentage[0]:
            continue
        band = int(scored.band[row])
        found.append(
            Change(
                info.name, info.label, info.shown(getattr(person, info.name)), info.shown(best),
                float(scored.percentage[row]), instrument.bands[band] if band >= 0 else None,
            )
        )  # fmt: skip
    found.sort(key=lambda change: change.percentage)
    return tuple(found[:SHOWN_CHANGES])


def problem(check: Check, person: Assessment | None, row: int | None, value: object = None) -> Problem:
    """A check that failed, as a problem. ``row`` 1 is the first."""
    if person is not None:
        value = getattr(person, check.field)
    return Problem(
        source="assessment" if row is None else "table",
        row=row,
        field=check.field,
        message=check.message,
        remedy=check.remedy,
        value=None if value is None else str(value),
    )


def _plain(value: object) -> float | None:
    if value is None or np.isnan(value):  # type: ignore[call-overload]
        return None
    return float(value)  # type: ignore[arg-type]
