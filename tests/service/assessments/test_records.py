"""Records from a file: good rows in, bad ones named by row, field and remedy; the same file again adds nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from milepost.problems import UnreadableFile
from milepost.risk import needs
from milepost.risk.fields import field_table
from milepost.service.accounts.actors import Machine
from milepost.service.assessments.actions.facts import TakenIn, take_in
from milepost.service.assessments.from_fields import answers_from, columns
from milepost.service.assessments.models import RecordedFact
from milepost.service.assessments.records_file import read_records
from milepost.service.audit.models import Entry
from milepost.service.people.models import Characteristics
from tests.service.world import World

BY = Machine("command", "import-records")
DAY = dt.date(2026, 3, 1)


def write(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "records.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def take(path: Path) -> tuple[TakenIn, list]:
    read = read_records(path)
    done = take_in(by=BY, records=read.records, source="PNC", as_of=DAY, file=path.name)
    return done, [*read.problems.problems, *done.problems]


HEAD = "reference,sex,date_of_birth,sanctions,violent_sanctions,offence_code,conviction_date,lifer,as_of"


@pytest.mark.django_db
def test_good_rows_go_in_and_bad_rows_come_back(world: World, tmp_path):
    path = write(
        tmp_path, HEAD,
        "P000001,male,1990-04-02,12,3,00801,2025-02-10,no,2026-02-01",
        "P000002,female,,many,0,00801,2025-02-10,no,",
        "P999999,male,,1,0,00801,2025-02-10,no,",
        "P000003,male,,1,0,00801,2025-02-10,perhaps,",
        "P000001,male,1991-01-01,1,0,00801,2025-02-10,no,",
    )  # fmt: skip
    done, problems = take(path)
    facts = {f.question: f for f in RecordedFact.objects.all()}
    assert {key: fact.value for key, fact in facts.items()} == {
        "sanctions": 12, "violent_sanctions": 3, "offence_code": "00801", "conviction_date": "2025-02-10", "lifer": "no"
    }  # fmt: skip
    assert {(f.person_id, f.source, f.as_of) for f in facts.values()} == {
        (world.ada.pk, "PNC", dt.date(2026, 2, 1))
    }
    assert Characteristics.objects.get().sex == "male"
    assert [(p.row, p.field) for p in sorted(problems, key=lambda p: p.row)] == [
        (3, "sanctions"), (4, "reference"), (5, "lifer"), (6, "date_of_birth")
    ]  # fmt: skip
    assert all(p.remedy for p in problems)
    assert (done.people, done.facts, done.known) == (1, 5, 0)
    again, _ = take(path)
    assert (again.facts, again.known) == (0, 5)
    entry = Entry.objects.get(what="facts.import")
    assert (entry.operation, entry.subject, entry.details) == (
        "collection", "P000001", {"facts": 5, "as_of": "2026-02-01"}
    )  # fmt: skip


def test_a_file_without_references_or_answers_cannot_be_read(tmp_path):
    for head in ("sanctions", "reference,colour"):
        with pytest.raises(UnreadableFile):
            read_records(write(tmp_path, head, "1"))


def test_a_column_that_no_question_answers_alone_is_named(tmp_path):
    read = read_records(write(tmp_path, "reference,sanctions,unemployed", "P000001,3,yes"))
    assert [(p.field, p.severity) for p in read.problems.problems] == [("unemployed", "warning")]
    assert read.records[0].answers == {"sanctions": 3}


@pytest.mark.parametrize("name", sorted(columns()))
def test_what_a_column_says_is_what_the_instruments_then_read(name):
    """There and back: the answers of a table, put through the vocabulary, give the same field."""
    kind = field_table()[name].kind
    values = {
        "yes_no": [True, False], "level": [0, 1, 2], "count": [12], "date": [DAY], "code": ["00801"],
        "setting": ["community", "custody", "remand"], "band": ["low", "very_high"],
        "partner": ["none", "living_together"],
    }[kind]  # fmt: skip
    blank = {"assessment_date": None, "sex": None, "date_of_birth": None}
    for value in values:
        group = {n: False for n in columns() if n.startswith("past_")} if name.startswith("past_") else {}
        person = needs.to_assessment({}, date_of_birth=None, sex=None, assessed_on=DAY)
        person = type(person)(**(blank | group | {name: value}))
        answers = answers_from(person)
        if not answers:
            continue  # that value is not one answer's alone
        room = {
            other: options[0]
            for key in answers
            for other, options in needs.questions()[key].asked_if
            if other not in answers
        }
        back = needs.to_assessment(room | answers, date_of_birth=None, sex=None, assessed_on=DAY)
        assert getattr(back, name) == value
