"""How each field of the records is filled from the facts of an algorithm. A field that is not here is a gap, unless
standing words (``data/record_words.toml``) say it of every installation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from milepost.risk.data_files import load
from milepost.risk.records.document import Answer, Table
from milepost.risk.records.facts import Facts
from milepost.risk.records.fairness_lines import BY, fairness_lines, findings_by
from milepost.risk.records.sensitive import Sensitive, sensitive

WORDS = "record_words.toml"
Report = Mapping[str, Any] | None
Filler = Callable[[Facts, Report], Answer]
NONE_READ = "None of the answers it reads is sensitive."


def standing(attribute: str, kind: str) -> tuple[str, ...]:
    """What holds for every installation."""
    return tuple(
        told["text"] for told in load(WORDS)["statement"] if attribute in told["attributes"] and kind in told["kinds"]
    )  # fmt: skip


def _text(*lines: str) -> Answer:
    return Answer(tuple(line for line in lines if line.strip()))


def _inputs(facts: Facts, report: Report) -> Answer:
    rows = tuple((i.label, i.name, i.kind, i.item, i.missing) for i in facts.inputs)
    head = ("What", "Name", "Form", "OASys", "If it is not known")
    return Answer((f"{len(rows)} answers.",), Table(head, rows)) if rows else Answer()


def _input_names(facts: Facts, report: Report) -> Answer:
    if not facts.inputs:
        return Answer()
    return _text(f"A row or a form for each person: {', '.join(i.label for i in facts.inputs)}.")


def _outputs(facts: Facts, report: Report) -> Answer:
    return Answer(facts.outputs)


def _architecture(facts: Facts, report: Report) -> Answer:
    extra = f"Coefficients, points and thresholds: {facts.numbers}." if facts.numbers is not None else ""
    files = tuple((name, digest) for name, digest in facts.files)
    table = Table(("File", "SHA-256"), files) if files else None
    return (
        Answer((*facts.architecture, *((extra,) if extra else ())), table) if facts.architecture else Answer()
    )


def _provenance(facts: Facts, report: Report) -> Answer:
    return _text(
        f"Source: {facts.source}{f' @ {facts.commit}' if facts.commit else ''}.",
        f"Licence: {facts.licence}." if facts.licence else "",
        f"Owner: {facts.owner}." if facts.owner else "",
        f"Hash of its data: {facts.data_hash}." if facts.data_hash else "",
    )


def _sensitive_of(facts: Facts) -> tuple[Sensitive, ...]:
    return sensitive(i.name for i in facts.inputs)


def _sensitive(facts: Facts, report: Report) -> Answer:
    if not facts.inputs:
        return Answer()
    labels = {i.name: i.label for i in facts.inputs}
    rows = tuple((one.label, "; ".join(labels[name] for name in one.names)) for one in _sensitive_of(facts))
    return Answer((), Table(("Kind", "Answers"), rows)) if rows else _text(NONE_READ)


def _characteristics(facts: Facts, report: Report) -> Answer:
    if not facts.inputs:
        return Answer()
    read = [one for one in _sensitive_of(facts) if one.protected]
    labels = {i.name: i.label for i in facts.inputs}
    lines = [f"{one.label}: {'; '.join(labels[name] for name in one.names)}." for one in read]
    if not read:
        lines = ["None."]
    elif facts.kind == "instrument":
        lines.append("It reads them because the published instrument defines it so.")
    if facts.more and dict(facts.more).get("justification"):
        lines.append(f"Why: {dict(facts.more)['justification']}")
    lines.append("Race, religion and sexuality are no answers of it.")
    return Answer(tuple(lines))


def _proxies(facts: Facts, report: Report) -> Answer:
    if not facts.inputs:
        return Answer()
    labels = {i.name: i.label for i in facts.inputs}
    rows = tuple(
        (one.label, "; ".join(labels[name] for name in one.names))
        for one in _sensitive_of(facts)
        if not one.protected
    )
    return Answer((), Table(("Kind", "Answers"), rows)) if rows else _text("None that we know of.")


def _datasets(facts: Facts, report: Report) -> Answer:
    return Answer(facts.datasets)


def _performance(facts: Facts, report: Report) -> Answer:
    if not facts.performance:
        return Answer()
    said = fairness_lines(report) if isinstance((report or {}).get("findings"), list) else ()
    return Answer(said, _figures(facts.performance))


def _figures(lines: tuple[str, ...]) -> Table:
    """Lines such as ``evaluation, brier: 0.145`` as a table."""
    return Table(
        ("Figure", "Value"), tuple((name, value) for name, _, value in (one.partition(": ") for one in lines))
    )


def _fairness(facts: Facts, report: Report) -> Answer:
    lines = fairness_lines(report)
    if not lines or isinstance((report or {}).get("findings"), list):
        return Answer(lines)
    return Answer((), _figures(lines))


def _risks(facts: Facts, report: Report) -> Answer:
    rows = tuple(
        (told["risk"], told["mitigation"]) for told in load(WORDS)["risk"] if facts.kind in told["kinds"]
    )
    return Answer((), Table(("Risk", "What is done about it"), rows)) if rows else Answer()


def _evidence_gaps(facts: Facts, report: Report) -> Answer:
    said = list(standing("evidence_gaps", facts.kind))
    if not report:
        said.append("No fairness report was given for this record.")
    if not facts.performance:
        said.append("No performance was given for this record.")
    return Answer(tuple(said))


def _development_sensitive(facts: Facts, report: Report) -> Answer:
    return _sensitive(facts, report) if facts.datasets else Answer()


def _third_party(facts: Facts, report: Report) -> Answer:
    return _text(facts.third_party)


def _state(facts: Facts, report: Report) -> Answer:
    if facts.kind != "predictor":  # a published instrument is in use where somebody uses it: not ours to say
        return Answer()
    return Answer((facts.state, *facts.history)) if facts.state else Answer()


def _of_group(field: str) -> Filler:
    return lambda facts, report: Answer(findings_by(report, field))


FILLERS: dict[str, Filler] = {
    **{field: _of_group(field) for field in BY},
    "title": lambda f, r: _text(f.name),
    "one_sentence_description": lambda f, r: _text(f.task),
    "name": lambda f, r: _text(f.name),
    "description": lambda f, r: _text(f.description),
    "detailed_description": lambda f, r: _text(f.description, *f.architecture[:1], *f.limits),
    "third_party_involvement": lambda f, r: _text(f"Yes: {f.third_party} published it." if f.third_party else ""),
    "third_party": _third_party,
    "third_party_role": lambda f, r: _text(
        f"Made and published it ({f.source}). Milepost's maintainers wrote the open code that computes it."
        if f.third_party else ""),
    "system_level_input": _input_names,
    "system_level_output": _outputs,
    "models": lambda f, r: _text(f"{f.name}, version {f.version}.", f"Made of: {', '.join(f.uses)}." if f.uses else ""),
    "model_name": lambda f, r: _text(f"{f.name} ({f.key})"),
    "model_version": lambda f, r: _text(
        f"{f.version}{f', source commit {f.commit}' if f.commit else ''}{f', data {f.data_hash}' if f.data_hash else ''}"),
    "model_task": lambda f, r: _text(f.task),
    "model_input": _inputs,
    "model_output": _outputs,
    "model_architecture": _architecture,
    "model_performance": _performance,
    "datasets": _datasets,
    "development_data_description": _datasets,
    "sensitive_attributes": _development_sensitive,
    "operational_sensitive_attributes": _sensitive,
    "operational_data_processing_methods": lambda f, r: Answer(
        (*standing("operational_data_processing_methods", f.kind),
         *((f"{len(f.inputs)} answers; what happens where one is not known stands beside each of them.",)
           if f.inputs else ()))),
    "risks_and_mitigations": _risks,
    "provenance": _provenance,
    "limits": lambda f, r: Answer(f.limits),
    "fairness": _fairness,
    "state": _state,
    "characteristics_read": _characteristics,
    "proxies": _proxies,
    "evidence_gaps": _evidence_gaps,
}  # fmt: skip
