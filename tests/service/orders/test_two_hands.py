"""What two people have to agree on: the database refuses it from any code of ours that goes round the actions."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from milepost.service.accounts.roles import Role
from milepost.service.algorithms.models import PredictorStep
from milepost.service.assessments.models import Assessment, Override
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.monitoring.models import Decision
from milepost.service.orders.actions import deciding, drafts
from milepost.service.orders.load import load_order_file
from milepost.service.orders.models import Absence, Approval, Attestation, OrderVersion
from milepost.service.orders.row_rules import GUARDS
from milepost.service.people.models import ExceptionalAccess
from tests.service.monitoring.factory import plain_incident
from tests.service.orders.test_load import file_of
from tests.service.world import ATTESTED, approval_by


@pytest.fixture
def senior(world):
    return world.users[Role.SENIOR_PRACTITIONER]


@pytest.fixture
def waiting(world, senior) -> OrderVersion:
    """A version that Nora wrote and that waits."""
    draft = drafts.vary_order(by=world.nora, order=world.order, why="x", effective_from_utc=timezone.now())
    OrderVersion.objects.filter(pk=draft.pk).update(state="waiting", submitted_by=world.nora)
    draft.refresh_from_db()
    return draft


def refused(rows, **fields) -> bool:
    try:
        with transaction.atomic():
            rows.update(**fields) if fields else rows()
    except Error:
        return True
    return False


def test_a_version_is_approved_only_with_the_logged_word_of_somebody_who_wrote_no_word_in_it(
    world, senior, waiting
):
    rows = OrderVersion.objects.filter(pk=waiting.pk)
    assert refused(rows, state="approved"), "without an approval"
    assert refused(rows, state="approved", decided_by=senior), "a name is no approval"
    assert refused(rows, state="approved", decided_by=world.nora, approval=approval_by(world.nora)), "hers"
    assert refused(rows, state="approved", decided_by=world.sam, approval=approval_by(senior)), "two names"
    assert refused(
        rows, state="approved", decided_by=senior, approval=OrderVersion.objects.get(version=1).approval
    )
    rows.update(hands=[world.nora.pk, senior.pk])
    assert refused(rows, state="approved", decided_by=senior, approval=approval_by(senior)), (
        "one word of theirs"
    )
    assert refused(rows, hands=[world.nora.pk]), "and they stay on record"
    assert refused(rows, made_by=world.sam)
    rows.update(state="approved", decided_by=world.sam, approval=approval_by(world.sam))


def test_no_version_is_made_approved_and_an_approved_one_never_changes(world, senior):
    first = OrderVersion.objects.filter(order=world.order, version=1)
    fields = {"order": world.order, "version": 9, "state": "approved", "document": {}}
    assert refused(lambda: OrderVersion.objects.create(**fields))
    assert refused(lambda: OrderVersion.objects.bulk_create([OrderVersion(**fields, decided_by=senior)]))
    for change in ({"document": {}}, {"effective_from_utc": timezone.now()}, {"hands": [1]}, {"state": "draft"},
                   {"decided_by": world.sam}, {"terms": {"a": 1}}):  # fmt: skip
        assert refused(first, **change), change


def test_an_approval_is_in_the_log_or_it_is_none(world, senior):
    assert refused(lambda: Approval.objects.create(by=senior))
    assert refused(lambda: Approval.objects.create(by=senior, audit_number=1_000_000))
    entry = write_one(world.nora, "order.approve")
    assert refused(lambda: Approval.objects.create(by=senior, audit_number=entry)), "somebody else's entry"
    assert refused(lambda: Attestation.objects.create(system="x", statement="y", audit_number=entry))
    assert refused(Approval.objects.all(), by=world.sam)


def write_one(by, what: str) -> int:
    with transaction.atomic():
        return write(by=by, operation=Operation.ALTERATION, what=what).number


def test_the_page_the_command_and_a_system_come_to_it_the_honest_way(world, senior, waiting):
    deciding.approve(by=senior, version=waiting)
    waiting.refresh_from_db()
    entry = Entry.objects.get(number=waiting.approval.audit_number)
    assert (entry.what, entry.actor, entry.subject) == ("order.approve", f"user:{senior.pk}", "P000001")
    load_order_file(file_of(), by=None, attested=ATTESTED, team=None)
    made = OrderVersion.objects.get(order__reference="NO1")
    assert (made.state, made.approval, made.decided_by) == ("approved", None, None)
    assert Entry.objects.get(number=made.attestation.audit_number).what == "orders.attest"
    with pytest.raises(ValueError, match="Only a system attests"):
        load_order_file(file_of(), by=senior, attested=ATTESTED, team=None)


def test_what_waits_for_a_second_person_does_not_count_without_one(world, senior):
    now = timezone.now()
    nora = world.nora
    absence = Absence.objects.create(
        person=world.ada, order=world.order, reason_code="court", from_utc=now, until_utc=now + dt.timedelta(1),
        by=nora, needs_second=True, waits_for_second=True,
    )  # fmt: skip
    decision = Decision.objects.create(
        incident=plain_incident(world.ada, 1), kind="excused", state="waiting", needs_second=True, by=nora,
        incident_revision=0,
    )  # fmt: skip
    assessment = Assessment.objects.create(
        person=world.ada, number=1, assessed_on=now.date(), made_by=nora, signed_by=nora, hands=[nora.pk],
        state="awaiting", countersign_because=["serious_harm"],
    )  # fmt: skip
    override = Override.objects.create(
        person=world.ada, assessment=assessment, target="tier", from_value="C", to_value="D", direction="down",
        reason_code="x", explanation="x", needs_second=True, by=nora,
    )  # fmt: skip
    step = PredictorStep.objects.create(
        name="p", version=1, to="approved", why="x", evaluation_hash="x", needs_second=True, by=nora
    )
    for row, stands in ((absence, {"waits_for_second": False}), (decision, {"state": "stands"}),
                        (override, {"state": "stands"}), (step, {"state": "done"})):  # fmt: skip
        rows = type(row).objects.filter(pk=row.pk)
        assert refused(rows, **stands), row
        assert refused(rows, **stands, second_by=nora), "nor with the first once more"
        assert refused(rows, needs_second=False), "nor by forgetting that it was needed"
        assert refused(rows, by=senior), "nor by another first"
        rows.update(**stands, second_by=senior)
    rows = Assessment.objects.filter(pk=assessment.pk)
    assert refused(rows, state="signed")
    assert refused(rows, state="countersigned")
    assert refused(rows, state="countersigned", countersigned_by=nora)
    assert refused(rows, hands=[])
    rows.update(state="countersigned", countersigned_by=senior)
    access = ExceptionalAccess.objects.create(person=world.ben, user=nora, reason="x", until_utc=now)
    assert refused(ExceptionalAccess.objects.filter(pk=access.pk), reviewed_by=nora)


def test_the_guards_are_there_after_migrations(world):
    """Each of them: a migration that makes a table anew on SQLite takes them away, and they are put back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}
    wanted = {
        name
        for guard in GUARDS
        for name in (
            [guard.name] if connection.vendor == "postgresql" else [f"{guard.name}_{act}" for act in guard.on]
        )
    }
    assert wanted <= there
