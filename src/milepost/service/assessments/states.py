"""The states of a version of an assessment, as data: who takes which step, from where to where.

The page docs/reference/assessment-states.md is made from it: ``milepost manage shell --no-imports -c`` with
``from milepost.service.assessments import states; print(states.page(), end="")``.
"""

from __future__ import annotations

from dataclasses import dataclass

from milepost.service.accounts.roles import Permission
from milepost.service.assessments.models import AssessmentState

S = AssessmentState


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    came_from: tuple[AssessmentState, ...]
    goes_to: AssessmentState
    permission: Permission | None
    """None: the service takes it, when another version is signed."""
    rule: str


STEPS = (
    Step("judge", (S.DRAFT,), S.JUDGED, Permission.WRITE_ASSESSMENTS,
         "The professional judgement is recorded. Only from then on are scores shown."),
    Step("sign", (S.JUDGED,), S.SIGNED, Permission.WRITE_ASSESSMENTS,
         "Every question that a score needs is answered or said to be not known, nothing waits to be confirmed, and "
         "policy asks for no second person. Scores and tier are frozen."),
    Step("send_for_countersign", (S.JUDGED,), S.AWAITING, Permission.WRITE_ASSESSMENTS,
         "As sign, where policy asks for a second person."),
    Step("take_back", (S.AWAITING,), S.JUDGED, Permission.WRITE_ASSESSMENTS, "Only by somebody who wrote in it."),
    Step("countersign", (S.AWAITING,), S.COUNTERSIGNED, Permission.COUNTERSIGN_ASSESSMENTS,
         "Never by somebody who wrote in it."),
    Step("send_back", (S.AWAITING,), S.DRAFT, Permission.COUNTERSIGN_ASSESSMENTS,
         "With a reason. Never by somebody who wrote in it. The judgement is recorded anew."),
    Step("discard", (S.DRAFT, S.JUDGED), S.DISCARDED, Permission.WRITE_ASSESSMENTS,
         "The draft is kept, and has no effect."),
    Step("supersede", (S.SIGNED, S.COUNTERSIGNED), S.SUPERSEDED, None,
         "When a later version comes into force. It stays to be read."),
)  # fmt: skip
EDITABLE = (S.DRAFT, S.JUDGED)


def find_step(name: str) -> Step:
    return next(step for step in STEPS if step.name == name)


def diagram() -> str:
    """The states and steps as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> draft: start, review or correct"]
    for step in STEPS:
        lines += [f"    {state.value} --> {step.goes_to.value}: {step.name}" for state in step.came_from]
    return "\n".join([*lines, "    superseded --> [*]", "    discarded --> [*]"])


def page() -> str:
    """The whole page of the docs."""
    rows = [
        f"| {step.name.replace('_', ' ')} | {', '.join(s.value for s in step.came_from)} | {step.goes_to.value} "
        f"| {f'`{step.permission.value}`' if step.permission else 'the service'} | {step.rule} |"
        for step in STEPS
    ]
    return "\n".join(
        [
            "# States of an assessment",
            "",
            "This page is made from `milepost.service.assessments.states`. A signed version never changes: a correction",
            "or a review is a new version. A person has one open version at most, and one in force at most.",
            "",
            "| Step | From | To | Right | Rule |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "When a second person is needed, and when the next assessment is due, is in",
            "`src/milepost/service/assessments/assessment_policy.toml`: an illustration, with its owner and date.",
            "",
            "The same as a [Mermaid](https://mermaid.js.org/) diagram:",
            "",
            "```text",
            diagram(),
            "```",
            "",
        ]
    )
