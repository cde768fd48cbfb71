"""How exact the positions of somebody's device are, before any has come: for the check of an order's places."""

from __future__ import annotations

from milepost.compliance.learned_errors import ErrorRow, LearnedErrors
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.limits import Limit
from milepost.orders.model import Order, OrderFile
from milepost.tracks.record import Source

RULE = "zone.radius_m_min"
TAGS = ("tag", "radio_tag")
SOURCE = Source.GPS.name
"""The source that proves places."""


def exactness_of(rules: RuleSet, order_file: OrderFile, order: Order) -> Limit | None:
    """The radius, metres, that 95 in 100 positions of the person's tag stay within; a place has to be larger.

    What was learned of the device's model (else of any model) where there is such a table, else what the rule table of the
    order's regime assumes of positions that do not say how exact they are. Of several tags the least exact counts, of
    several rows the one that most positions fell under. None: no published rule table covers the regime.
    """
    if rules.learned:
        worn = [a for a in order_file.activations if a.person_id == order.person_id and a.device_kind in TAGS]
        latest = max(rules.learned, key=lambda t: (t.table.effective_from, t.table.version))
        rows = [_usual(latest, model) for model in {a.device_model for a in worn} or {None}]
        known = [row for row in rows if row is not None]
        if known:
            return _limit(latest, max(known, key=lambda row: row.real_95_m))
    try:
        table = rules.for_regime(order.regime)
    except LookupError:
        return None
    head = table.table
    assumed_m = table.evidence.sources[SOURCE].assumed_precision_m  # type: ignore[index]
    source = f"{table.name}: assumed precision of positions from satellites. {head.source_document}"
    return Limit(RULE, (), assumed_m, "metres", head.effective_from, None, source, head.owner)


def _usual(table: LearnedErrors, model: str | None) -> ErrorRow | None:
    """The row that most positions of a model fell under."""
    rows = [row for none in (False, True) for row in table.rows_for(SOURCE, model, none_stated=none)]
    return max(rows, key=lambda row: row.fixes, default=None)


def _limit(table: LearnedErrors, row: ErrorRow) -> Limit:
    head = table.table
    whose = f"model {row.device_model}" if row.device_model else "devices of any model"
    source = f"{head.id}@{head.version}: learned of {whose} in {row.nights} nights. {head.source_document}"
    return Limit(RULE, (), row.real_95_m, "metres", head.effective_from, None, source, head.owner)
