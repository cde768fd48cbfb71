"""Whose word every version in force has, of those that were approved before there was a row for it.

A migration of its own: PostgreSQL adds no constraint to a table in the transaction that changed its keys.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import Q

BATCH = 2000
ATTESTED = "Taken in as approved before a second person was asked for; nobody here approved it"
ALONE = "Approved before the database asked for a second person, by somebody who wrote in it: user {}"


def fill(apps: Any, schema_editor: Any) -> None:
    Version, Approval = apps.get_model("orders", "OrderVersion"), apps.get_model("orders", "Approval")
    Attestation = apps.get_model("orders", "Attestation")
    entries = apps.get_model("audit", "Entry").objects.filter(what="order.approve")
    attested: dict[str, Any] = {}

    def attest(version: Any, statement: str) -> None:
        if statement not in attested:
            attested[statement] = Attestation.objects.create(system="Before this rule", statement=statement)
        version.attestation = attested[statement]

    def note(version: Any) -> None:
        alone = version.decided_by_id in (version.made_by_id, version.submitted_by_id, *version.hands)
        if version.decided_by_id is None or (version.made_by_id is None and not version.hands):
            attest(version, ATTESTED)
        elif alone:
            attest(version, ALONE.format(version.decided_by_id))
            version.decided_by_id = None
        else:
            logged = entries.filter(
                actor=f"user:{version.decided_by_id}", details__order=version.order.reference,
                details__version=version.version,
            )  # fmt: skip
            version.approval = Approval.objects.create(
                by_id=version.decided_by_id, at_utc=version.decided_utc or version.made_utc,
                audit_number=logged.order_by("-number").values_list("number", flat=True).first(),
            )  # fmt: skip

    last = 0
    while rows := list(
        Version.objects.filter(state="approved", pk__gt=last).select_related("order").order_by("pk")[:BATCH]
    ):
        for version in rows:
            note(version)
        Version.objects.bulk_update(rows, ["approval", "attestation", "decided_by"])
        last = rows[-1].pk
    waited = Q(waits_for_second=True) | Q(second_by__isnull=False)
    apps.get_model("orders", "Absence").objects.filter(waited).update(needs_second=True)


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_approvals_and_checks"), ("audit", "0003_append_only")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
