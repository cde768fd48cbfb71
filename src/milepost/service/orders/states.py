"""The states of an order's version, as data: who takes which step, from where to where.

The page docs/reference/order-states.md is made from it (``python -m milepost.service.orders.states`` prints it).
"""

from __future__ import annotations

from dataclasses import dataclass

from milepost.service.accounts.roles import Permission
from milepost.service.orders.models import VersionState

S = VersionState


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    came_from: tuple[VersionState, ...]
    goes_to: VersionState
    permission: Permission
    rule: str


STEPS = (
    Step("submit", (S.DRAFT, S.RETURNED), S.WAITING, Permission.EDIT_ORDERS,
         "No check says error; every warning was read, with a reason."),
    Step("take_back", (S.WAITING,), S.DRAFT, Permission.EDIT_ORDERS, "Only by somebody who wrote in it."),
    Step("approve", (S.WAITING,), S.APPROVED, Permission.APPROVE_ORDERS, "Never by somebody who wrote in it."),
    Step("return", (S.WAITING,), S.RETURNED, Permission.APPROVE_ORDERS,
         "With a reason. Never by somebody who wrote in it."),
    Step("discard", (S.DRAFT, S.RETURNED), S.DISCARDED, Permission.EDIT_ORDERS, "The draft is kept, and has no effect."),
)  # fmt: skip
OPEN = (S.DRAFT, S.WAITING, S.RETURNED)
"""A version that nobody has decided on yet. An order has one at most, drafts that were imported aside."""
EDITABLE = (S.DRAFT, S.RETURNED)


def find_step(name: str) -> Step:
    return next(step for step in STEPS if step.name == name)


def diagram() -> str:
    """The states and steps as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> draft: start, vary or import"]
    for step in STEPS:
        lines += [f"    {state.value} --> {step.goes_to.value}: {step.name}" for state in step.came_from]
    return "\n".join([*lines, "    approved --> [*]", "    discarded --> [*]"])


def page() -> str:
    """The whole page of the docs."""
    rows = [
        f"| {step.name.replace('_', ' ')} | {', '.join(s.value for s in step.came_from)} | {step.goes_to.value} "
        f"| `{step.permission.value}` | {step.rule} |"
        for step in STEPS
    ]
    return "\n".join(
        [
            "# States of an order's version",
            "",
            "This page is made from `milepost.service.orders.states`. Only an approved version reaches the engine.",
            "An approved version never changes: to change an order, vary it.",
            "",
            "| Step | From | To | Right | Rule |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "The same as a [Mermaid](https://mermaid.js.org/) diagram:",
            "",
            "```text",
            diagram(),
            "```",
            "",
        ]
    )


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - this is what it is for
