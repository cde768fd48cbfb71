"""The lives of versions of an assessment, of overrides and of contests, as data."""

from __future__ import annotations

from milepost.service.accounts.roles import Permission
from milepost.service.assessments.models import AssessmentState, Contest, Override
from milepost.service.kit.states import Change, Life

S, V, C = AssessmentState, Override.State, Contest.State
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
               "With a reason. Never by somebody who wrote in it. The judgement is recorded again.", COUNTERSIGN),
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

OVERRIDE_LIFE = Life(
    page="override-states",
    title="States of an override",
    intro="This page is made from `milepost.service.assessments.states`. The score itself is never touched.",
    begins=((V.WAITING, "override, where policy asks for a second person"), (V.STANDS, "override")),
    changes=(
        Change("agree", (V.WAITING,), V.STANDS, "Never by whoever made it.", COUNTERSIGN),
        Change("refuse", (V.WAITING,), V.REFUSED, "With a reason. Never by whoever made it.", COUNTERSIGN),
        Change("withdraw", (V.WAITING, V.STANDS), V.WITHDRAWN,
               "While its version is in force. What was worked out counts again.", WRITE),
    ),
    meanings={
        V.WAITING: "A second person is asked to agree. It has no effect yet.",
        V.STANDS: "It counts in place of what was worked out.",
        V.REFUSED: "The second person did not agree. What was worked out stays.",
        V.WITHDRAWN: "Ended. What was worked out counts.",
    },
    ends=(V.REFUSED, V.WITHDRAWN),
)  # fmt: skip
CONTEST_LIFE = Life(
    page="contest-states",
    title="States of a contest",
    intro="This page is made from `milepost.service.assessments.states`. Somebody says that an assessment of them is\n"
          "wrong; a person looks at it and answers in words.",
    begins=((C.RAISED, "raise"),),
    changes=(
        Change("look", (C.RAISED, C.LOOKED_AT), C.LOOKED_AT,
               "Where policy says so, never by who signed what is contested.", WRITE),
        Change("answer_corrected", (C.RAISED, C.LOOKED_AT), C.CORRECTED, "Once the correction is in force.", WRITE),
        Change("answer_partly", (C.RAISED, C.LOOKED_AT), C.PARTLY, "Once the correction is in force.", WRITE),
        Change("answer_upheld", (C.RAISED, C.LOOKED_AT), C.UPHELD, "As look, with an answer in words.", WRITE),
    ),
    meanings={
        C.RAISED: "Nobody has taken it up. The answer is due.",
        C.LOOKED_AT: "Somebody has taken it up. The answer is due.",
        C.CORRECTED: "What was wrong was corrected.",
        C.PARTLY: "Some of it was corrected.",
        C.UPHELD: "The assessment stays as it is.",
    },
    ends=(C.CORRECTED, C.PARTLY, C.UPHELD),
)  # fmt: skip
