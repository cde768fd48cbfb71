"""The check of an order's places goes by what is known of the device."""

from __future__ import annotations

import pytest
from scenarios import RULES, rules_with
from strategies import learned

from milepost.compliance.exactness import exactness_of
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import OrderFile
from milepost.orders.validators import validate


def order_file(model: str | None) -> OrderFile:
    zone = {"lon": -1.5, "lat": 53.0, "radius_m": 55}
    conditions = [{"id": "z", "kind": "inclusion_zone", "from": "2026-01-01", "circle": zone}]
    version = {"version": 1, "effective_from_utc": "2026-01-01T00:00:00Z", "conditions": conditions}
    worn = {
        "id": "a",
        "device_id": "D",
        "person_id": "sam",
        "from_utc": "2026-01-01T00:00:00Z",
        "device_model": model,
    }
    return OrderFile.model_validate({
        "milepost": 1, "people": [{"id": "sam", "synthetic": True}], "activations": [worn],
        "orders": [{"id": "o", "person_id": "sam", "regime": "community_order", "versions": [version]}],
    })  # fmt: skip


LEARNED = learned("2000-01-01", factor=2.3)  # 60 m for any model
COARSE = RuleSet(RULES.tables, [LEARNED.model_copy(update={
    "error": [row.model_copy(update={"real_95_m": 50.0 if row.device_model == "M1" else 60.0}) for row in LEARNED.error]
})])  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "model", "limit_m", "level"),
    [
        (RULES, "M1", 30.0, "ok"),
        (rules_with(sources={"GPS": {"may_confirm": True, "assumed_precision_m": 70, "precision_floor_m": 10}}), None,
         70.0, "warning"),
        (COARSE, None, 60.0, "warning"),
        (COARSE, "M1", 50.0, "ok"),
    ],
)  # fmt: skip
def test_a_circle_of_55_m_is_held_against_what_is_known_of_the_device(
    rules: RuleSet, model: str | None, limit_m: float, level: str
) -> None:
    file = order_file(model)
    answers = validate(file, exactness=lambda whole, order: exactness_of(rules, whole, order))
    [answer] = [a for a in answers if a.rule == "zone.radius_m_min"]
    assert (answer.limit, answer.level) == (limit_m, level)
    assert answer.source
    assert f"positions are good to about {limit_m:g} m" in answer.words


def test_without_what_is_known_the_limit_of_the_data_file_counts() -> None:
    [answer] = [a for a in validate(order_file("M1")) if a.rule == "zone.radius_m_min"]
    assert (answer.limit, answer.source.startswith("NIJ")) == (30.0, True)
