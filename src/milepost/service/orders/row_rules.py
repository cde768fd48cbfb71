"""What the database keeps of orders beyond its CHECKs: see `milepost.service.kit.row_guards`.

A version is approved by somebody who wrote no word in it, and never changes after; an approval is in the audit log.
"""

from __future__ import annotations

from milepost.service.kit.row_guards import RowGuard, in_list, stays
from milepost.service.kit.two_hands import need_stays

VERSION, APPROVAL, ATTESTATION = "orders_orderversion", "orders_approval", "orders_attestation"
_APPROVER = f"(SELECT by_id FROM {APPROVAL} WHERE id = NEW.approval_id)"
_WROTE = in_list(_APPROVER, "NEW.hands")
_LOST_HAND = (
    "EXISTS (SELECT value FROM json_each(OLD.hands) EXCEPT SELECT value FROM json_each(NEW.hands))",
    "NOT (NEW.hands::jsonb @> OLD.hands::jsonb)",
)
_KEPT = (
    "order_id",
    "version",
    "effective_from_utc",
    "document",
    "terms",
    "hands",
    "made_by_id",
    "decided_by_id",
)


def _second_hand(wrote: str) -> str:
    return (
        "NEW.state = 'approved' AND NEW.approval_id IS NOT NULL AND "
        f"({_APPROVER} IN (NEW.made_by_id, NEW.submitted_by_id) OR {wrote} "
        f"OR NEW.decided_by_id IS NULL OR NEW.decided_by_id <> {_APPROVER})"
    )


def _changed(differs: str) -> str:
    columns = " OR ".join(
        f"NEW.{c} {differs} OLD.{c}" for c in (*_KEPT, "approval_id", "attestation_id", "state")
    )
    return f"OLD.state = 'approved' AND ({columns})"


def _unlogged(what: str, actor: str = "") -> str:
    whose = f" AND entry.actor = {actor}" if actor else ""
    return (
        "NEW.audit_number IS NULL OR NOT EXISTS (SELECT 1 FROM audit_entry AS entry "
        f"WHERE entry.number = NEW.audit_number AND entry.what = '{what}'{whose})"
    )


GUARDS = (
    RowGuard(
        "orders_version_second_hand", VERSION, _second_hand(_WROTE[0]),
        "Who wrote in a version never approves it", when_postgresql=_second_hand(_WROTE[1]),
    ),
    RowGuard(
        "orders_version_hands_stay", VERSION, _LOST_HAND[0], "Who wrote in a version stays on record",
        ("update",), _LOST_HAND[1],
    ),
    stays(VERSION, "made_by_id"),
    RowGuard(
        "orders_version_approved_stays", VERSION, _changed("IS NOT"), "An approved version never changes",
        ("update",), _changed("IS DISTINCT FROM"),
    ),
    RowGuard(
        "orders_approval_logged", APPROVAL, _unlogged("order.approve", "'user:' || NEW.by_id"),
        "An approval is in the audit log", ("insert",),
    ),
    RowGuard(
        "orders_attestation_logged", ATTESTATION, _unlogged("orders.attest"),
        "An attestation is in the audit log", ("insert",),
    ),
    RowGuard("orders_approval_stays", APPROVAL, "1 = 1", "An approval never changes", ("update",)),
    RowGuard("orders_attestation_stays", ATTESTATION, "1 = 1", "An attestation never changes", ("update",)),
    need_stays("orders_absence"),
)  # fmt: skip
