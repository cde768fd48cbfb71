"""Makes a record: the form's fields, each filled from the facts, from the standing words, or by the organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from milepost.risk.data_files import load
from milepost.risk.records.document import Answer, Entry, FilledBy, RecordDocument, Section
from milepost.risk.records.facts import Facts
from milepost.risk.records.fill import FILLERS, standing
from milepost.risk.records.organisation import Own
from milepost.risk.records.subjects import facts_of

KINDS = {
    "atrs": "record_atrs.toml",
    "card": "record_card.toml",
    "dpia": "record_dpia.toml",
    "equality": "record_equality.toml",
}
"""Kinds of record and the file that lists the fields of each."""
SOMEBODY = "the organisation that uses it"


def record_for(
    key: str,
    kind: str = "atrs",
    *,
    organisation: Own | None = None,
    fairness: Mapping[str, Any] | None = None,
    made_on: dt.date | None = None,
) -> RecordDocument:
    """The record of one algorithm.

    Args:
        key: one of ``subject_keys()``.
        kind: ``atrs``, ``card``, ``dpia`` or ``equality``.
        organisation: the organisation's own texts by attribute name; they go before the software's.
        fairness: the dict of a fairness report on this algorithm, if there is one.
        made_on: the day printed on it; today (UTC) if not given.

    Raises:
        UnknownSubject: there is no algorithm of this key.
        ValueError: there is no such kind of record.
    """
    return record_of(
        facts_of(key), kind, organisation=organisation, fairness=fairness, made_on=made_on
    )  # fmt: skip


def record_of(
    facts: Facts,
    kind: str = "atrs",
    *,
    organisation: Own | None = None,
    fairness: Mapping[str, Any] | None = None,
    made_on: dt.date | None = None,
) -> RecordDocument:
    """As `record_for`, of facts that are at hand."""
    if kind not in KINDS:
        raise ValueError(f"There is no record of kind {kind!r}. There are: {', '.join(KINDS)}.")
    form = load(KINDS[kind])
    own = organisation or {}
    report = fairness if fairness is not None else facts.fairness
    return RecordDocument(
        kind=kind,
        key=facts.key,
        title=f"{form['title']}: {facts.name}",
        standard=f"{form['title']}, version {form['version']}. Fields after: {form['source']}.",
        subject=facts.name,
        subject_version=facts.version,
        data_hash=facts.data_hash,
        software_version=version("milepost"),
        made_on=(made_on or dt.datetime.now(dt.UTC).date()).isoformat(),
        illustrative=facts.illustrative,
        synthetic=facts.synthetic,
        sections=tuple(
            Section(
                section["name"],
                section.get("tier"),
                tuple(_entry(field, facts, own, report) for field in section["fields"]),
            )
            for section in form["section"]
        ),
    )


def attributes() -> frozenset[str]:
    """The names of every field of every record: what an organisation may fill."""
    return frozenset(
        field["attribute"] for name in KINDS.values() for section in load(name)["section"] for field in section["fields"]
    )  # fmt: skip


def _entry(field: dict[str, Any], facts: Facts, own: Own, report: Mapping[str, Any] | None) -> Entry:
    name = field["attribute"]
    answer, filled_by = _answer(name, facts, own, report)
    return Entry(
        number=field["number"],
        attribute=name,
        name=field["name"],
        mandatory=field["mandatory"],
        answer=answer,
        filled_by=filled_by,
        who=field.get("who", SOMEBODY),
        guidance=field["guidance"],
    )


def _answer(name: str, facts: Facts, own: Own, report: Mapping[str, Any] | None) -> tuple[Answer, FilledBy]:
    if name in own:
        return Answer((own[name],)), "organisation"
    filler = FILLERS.get(name)
    answer = filler(facts, report) if filler else Answer()
    answer = answer or Answer(standing(name, facts.kind)) or Answer(_more(name, facts))
    return answer, "software" if answer else "nobody"


def _more(name: str, facts: Facts) -> tuple[str, ...]:
    text = dict(facts.more).get(name, "")
    return (text,) if text else ()
