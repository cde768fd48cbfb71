"""What the database keeps of assessments beyond its CHECKs: see `milepost.service.kit.row_guards`."""

from __future__ import annotations

from milepost.service.kit.row_guards import RowGuard, in_list, stays
from milepost.service.kit.two_hands import need_stays

ASSESSMENT = "assessments_assessment"
_WROTE = in_list("NEW.countersigned_by_id", "NEW.hands")
_LOST_HAND = (
    "EXISTS (SELECT value FROM json_each(OLD.hands) EXCEPT SELECT value FROM json_each(NEW.hands))",
    "NOT (NEW.hands::jsonb @> OLD.hands::jsonb)",
)
_ASKED = (
    "json_array_length(NEW.countersign_because) > 0",
    "jsonb_array_length(NEW.countersign_because::jsonb) > 0",
)


def _alone(wrote: str) -> str:
    return f"NEW.state = 'countersigned' AND (NEW.countersigned_by_id = NEW.made_by_id OR {wrote})"


GUARDS = (
    RowGuard(
        "assessment_second_hand", ASSESSMENT, _alone(_WROTE[0]),
        "Who wrote in an assessment never countersigns it", when_postgresql=_alone(_WROTE[1]),
    ),
    RowGuard(
        "assessment_not_signed_alone", ASSESSMENT, f"NEW.state = 'signed' AND {_ASKED[0]}",
        "This assessment needs a countersignature", when_postgresql=f"NEW.state = 'signed' AND {_ASKED[1]}",
    ),
    RowGuard(
        "assessment_hands_stay", ASSESSMENT, _LOST_HAND[0], "Who wrote in an assessment stays on record",
        ("update",), _LOST_HAND[1],
    ),
    stays(ASSESSMENT, "made_by_id"),
    need_stays("assessments_override"),
)  # fmt: skip
