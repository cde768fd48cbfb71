"""The life of a version of an assessment, as data."""

from __future__ import annotations

from milepost.service.accounts.roles import Permission
from milepost.service.assessments.models import AssessmentState
from milepost.service.kit.states import Change, Life

S = AssessmentState
WRITE, COUNTERSIGN = Permission.WRITE_ASSESSMENTS, Permission.COUNTERSIGN_ASSESSMENTS
LIFE = Life(
    page="assessment-states",
    title="States of an assessment",
    intro="This page is made from `milepost.service.assessments.states`. A signed version never changes: a correction\n"
          "or a review is a new version. A person has one open version at most, and one in force at most.",
    begins=((S.DRAFT, "start, review or correct"),),
    changes=(
        Change("judge", (S.DRAFT,), S.JUDGED,
               "The professional judgement is recorded. Only from then on are scores shown.", WRITE),
        Change("sign", (S.JUDGED,), S.SIGNED,
               "Every question that a score needs is answered or said to be not known, nothing waits to be confirmed, "
               "and policy asks for no second person. Scores and tier are frozen.", WRITE),
        Change("send_for_countersign", (S.JUDGED,), S.AWAITING, "As sign, where policy asks for a second person.",
               WRITE),
        Change("take_back", (S.AWAITING,), S.JUDGED, "Only by somebody who wrote in it.", WRITE),
        Change("countersign", (S.AWAITING,), S.COUNTERSIGNED, "Never by somebody who wrote in it.", COUNTERSIGN),
        Change("send_back", (S.AWAITING,), S.DRAFT,
               "With a reason. Never by somebody who wrote in it. The judgement is recorded anew.", COUNTERSIGN),
        Change("discard", (S.DRAFT, S.JUDGED), S.DISCARDED, "The draft is kept, and has no effect.", WRITE),
        Change("supersede", (S.SIGNED, S.COUNTERSIGNED), S.SUPERSEDED,
               "When a later version comes into force. It stays to be read."),
    ),
    meanings={
        S.DRAFT: "Questions are answered. No score is shown.",
        S.JUDGED: "The judgement is recorded; scores are shown.",
        S.AWAITING: "A second person is asked to countersign it.",
        S.SIGNED: "In force.",
        S.COUNTERSIGNED: "In force, looked at by a second person.",
        S.SUPERSEDED: "A later version is in force.",
        S.DISCARDED: "Given up.",
    },
    ends=(S.SUPERSEDED, S.DISCARDED),
    notes="When a second person is needed, and when the next assessment is due, is in\n"
          "`src/milepost/service/assessments/assessment_policy.toml`: an illustration, with its owner and date.",
)  # fmt: skip
EDITABLE = (S.DRAFT, S.JUDGED)
