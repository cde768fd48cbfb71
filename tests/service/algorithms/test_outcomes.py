"""Outcomes: good rows go in, bad rows come back with what to do, nothing twice, withdrawn ones do not count."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.algorithms.models import Outcome, OutcomeFile
from milepost.service.algorithms.outcomes.actions import take_in, withdraw
from milepost.service.algorithms.outcomes.recorded import table_of
from milepost.service.algorithms.policy_data import outcome_numbers
from milepost.service.audit.models import Entry as AuditEntry
from milepost.service.kit.local_days import today
from milepost.service.kit.refusals import Refused
from milepost.service.people.models import Person
from tests.service.algorithms.watched import HEAD
from tests.service.world import World


@pytest.fixture
def analyst(world: World):
    return world.users[Role.ANALYST]


def take(text: str, by, name: str = "o.csv") -> OutcomeFile:
    return take_in(by=by, name=name, content=(HEAD + text).encode(), source="Police extract")


GOOD = "P000001,rearrest,2025-02-03,2026-01-31\nP000002,rearrest,,2026-01-31\n"


def test_good_rows_go_in_and_each_bad_one_comes_back_with_its_row_and_its_remedy(analyst):
    tomorrow = (today() + dt.timedelta(days=1)).isoformat()
    bad = (
        "P999999,rearrest,,2026-01-31\n"
        ",rearrest,,2026-01-31\n"
        "P000001,hunch,,2026-01-31\n"
        "P000001,rearrest,3 Feb,2026-01-31\n"
        f"P000001,rearrest,,{tomorrow}\n"
        "P000001,rearrest,2025-02-03,\n"
        "P000001,rearrest,2025-02-03,2025-02-01\n"
        "P000001,rearrest,,2026-01-31,more\n"
    )
    file = take(GOOD + bad, analyst)
    assert (file.rows_read, file.rows_kept, file.rows_bad) == (10, 2, 8)
    assert [(p["row"], p["field"], p["code"]) for p in file.problems] == [
        (4, "reference", "nobody"), (5, "reference", "empty"), (6, "kind", "kind"), (7, "happened_on", "date"),
        (8, "followed_until", "future"), (9, "followed_until", "not_followed"), (10, "happened_on", "after"),
        (11, "", "columns"),
    ]  # fmt: skip
    kept = set(Outcome.objects.values_list("person__reference", "kind", "happened_on", "followed_until"))
    until = dt.date(2026, 1, 31)
    assert kept == {("P000001", "rearrest", dt.date(2025, 2, 3), until), ("P000002", "rearrest", None, until)}
    entry = AuditEntry.objects.get(what="outcomes.take_in")
    assert entry.operation == "collection"
    assert entry.details["kept"] == 2


def test_a_corrected_file_counts_no_row_twice_and_the_same_file_is_refused(analyst):
    take(GOOD + "P999999,rearrest,,2026-01-31\n", analyst)
    with pytest.raises(Refused, match="already been imported"):
        take(GOOD + "P999999,rearrest,,2026-01-31\n", analyst)
    second = take(GOOD + "P000003,rearrest,,2026-01-31\n", analyst)
    assert (second.rows_kept, second.rows_known) == (3, 2)
    OutcomeFile.objects.update(at_utc=second.at_utc - dt.timedelta(days=2))
    assert table_of("rearrest").unique().height == 3
    withdraw(file=OutcomeFile.objects.last(), by=analyst, why="The first one was wrong.")
    assert table_of("rearrest").height == 3, "what the second file says as well still counts"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"reference,kind,happened_on\nP000001,rearrest,\n", "There is no column followed_until"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"", "There is no column reference"),
        (HEAD.encode(), "has no rows"),
    ],
)
def test_what_cannot_be_understood_is_refused_whole(analyst, content, says):
    with pytest.raises(Refused, match=says):
        take_in(by=analyst, name="o.csv", content=content, source="x")
    assert OutcomeFile.objects.count() == 0


def test_semicolons_quotes_and_a_byte_order_mark_are_read(analyst):
    text = '﻿Reference;KIND;happened_on;followed_until;note\n\nP000001;rearrest;;2026-01-31;"a; b"\n'
    file = take_in(by=analyst, name="o.csv", content=text.encode(), source="x")
    assert (file.rows_kept, file.rows_bad) == (1, 0)


def test_a_file_counts_from_the_next_day_and_a_withdrawn_one_not_at_all(analyst, world: World):
    """Counting at once would let somebody tell one person's group or score: take one row in, and ask again."""
    file = take(GOOD, analyst)
    assert table_of("rearrest").is_empty()
    OutcomeFile.objects.update(at_utc=file.at_utc - dt.timedelta(days=1, hours=1))
    assert sorted(table_of("rearrest")["person"]) == ["P000001", "P000002"]
    withdraw(file=file, by=analyst, why="Wrong year")
    assert table_of("rearrest").is_empty()
    assert Outcome.objects.count() == 2, "nothing is deleted"
    with pytest.raises(Refused, match="already"):
        withdraw(file=file, by=analyst, why="Again")
    assert take(GOOD, analyst).rows_kept == 2, "what only a withdrawn file said is not known"
    assert AuditEntry.objects.get(what="outcomes.withdraw").reason == "Wrong year"


def test_outcomes_of_restricted_records_count_and_no_page_says_whose_they_are(analyst, signed_in):
    Person.objects.filter(reference="P000001").update(restricted=True)
    client = signed_in(analyst)
    upload = SimpleUploadedFile("o.csv", (HEAD + GOOD + "P999999,rearrest,,2026-01-31\n").encode())
    answer = client.post(reverse("algorithms:outcomes"), {"file": upload, "source": "Extract"}, follow=True)
    page = answer.content.decode()
    assert "2 rows were recorded" in page
    assert "Nobody here has this reference" in page
    for words in ("P000001", "P999999", "Ada Vale"):
        assert words not in page


def test_another_role_may_not(world: World):
    with pytest.raises(Refused, match="role"):
        take(GOOD, world.users[Role.AUDITOR])


def test_kinds_name_their_owner_and_judge_instruments_that_there_are():
    from milepost.risk.instruments import instruments

    numbers = outcome_numbers()
    assert numbers.table.illustrative
    assert numbers.table.owner
    judged = [key for kind in numbers.kind for key in kind.instruments]
    assert len(judged) == len(set(judged))
    assert set(judged) <= set(instruments())
