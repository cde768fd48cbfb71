"""What of a signed version can be overridden: the tier, and the band of each score that has one."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from milepost.risk.data_files import load
from milepost.risk.fields import BANDS
from milepost.risk.tier import FILE
from milepost.service.assessments.models import Assessment, Score

TIER = "tier"


@dataclass(frozen=True, slots=True)
class Target:
    """``values`` from the lowest to the highest; ``value`` as worked out."""

    key: str
    title: str
    value: str
    values: tuple[str, ...]


def tiers() -> tuple[str, ...]:
    """G to A: the lowest first."""
    order: list[str] = load(FILE)["order"]
    return tuple(order)


def targets_of(assessment: Assessment) -> list[Target]:
    """The tier first. One that could not be worked out cannot be overridden."""
    found = []
    worked_out = assessment.tier_result.get("tier", "")
    if worked_out in tiers():
        found.append(Target(TIER, _("The tier"), worked_out, tiers()))
    for score in Score.objects.filter(assessment=assessment, current=True, band__in=list(BANDS)).order_by(
        "pk"
    ):
        found.append(Target(score.instrument, score.result["name"], score.band, tuple(BANDS)))
    return found


def target_of(assessment: Assessment, key: str) -> Target | None:
    return next((target for target in targets_of(assessment) if target.key == key), None)
