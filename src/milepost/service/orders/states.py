"""The life of an order's version, as data."""

from __future__ import annotations

from milepost.service.accounts.roles import Permission
from milepost.service.kit.states import Change, Life
from milepost.service.orders.models import VersionState

S = VersionState
LIFE = Life(
    page="order-states",
    title="States of an order's version",
    intro="This page is made from `milepost.service.orders.states`. Only an approved version reaches the engine.\n"
          "An approved version never changes: to change an order, vary it.",
    begins=((S.DRAFT, "start, vary or import"),),
    changes=(
        Change("submit", (S.DRAFT, S.RETURNED), S.WAITING,
               "No check says error; every warning was read, with a reason.", Permission.EDIT_ORDERS),
        Change("take_back", (S.WAITING,), S.DRAFT, "Only by somebody who wrote in it.", Permission.EDIT_ORDERS),
        Change("approve", (S.WAITING,), S.APPROVED, "Never by somebody who wrote in it.", Permission.APPROVE_ORDERS),
        Change("return", (S.WAITING,), S.RETURNED, "With a reason. Never by somebody who wrote in it.",
               Permission.APPROVE_ORDERS),
        Change("discard", (S.DRAFT, S.RETURNED), S.DISCARDED, "The draft is kept, and has no effect.",
               Permission.EDIT_ORDERS),
    ),
    meanings={
        S.DRAFT: "Somebody writes in it.",
        S.WAITING: "A second person is asked to approve it.",
        S.RETURNED: "The second person gave it back, with a reason.",
        S.APPROVED: "In force from the day that it says.",
        S.DISCARDED: "Given up.",
    },
    ends=(S.APPROVED, S.DISCARDED),
)  # fmt: skip
OPEN = (S.DRAFT, S.WAITING, S.RETURNED)
"""A version that nobody has decided on yet. An order has one at most, drafts that were imported aside."""
EDITABLE = (S.DRAFT, S.RETURNED)
