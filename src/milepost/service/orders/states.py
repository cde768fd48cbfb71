"""The lives of what this app keeps, as data: versions of orders, devices, absences, parts of imports that wait."""

from __future__ import annotations

from milepost.service.accounts.roles import Permission
from milepost.service.kit.states import Change, Life
from milepost.service.orders.models import AbsenceState, Device, ToCheck, VersionState

S, D, A, P = VersionState, Device.State, AbsenceState, ToCheck.State
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

OFF = (D.IN_STOCK, D.FAULTY, D.LOST, D.RETIRED)
"""What a device may be while it is on nobody."""
DEVICE_LIFE = Life(
    page="device-states",
    title="States of a device",
    intro="This page is made from `milepost.service.orders.states`. On whom a device is, and since when, is an\n"
          "activation; this is what the register says of the device itself.",
    begins=((D.IN_STOCK, "register, or an import"), (D.FITTED, "an import of who wears it")),
    changes=(
        Change("fit", (D.IN_STOCK,), D.FITTED,
               "In person, or by an import for a device that is free in that time.", Permission.FIT_DEVICES),
        *(Change(f"remove_{state}", (D.FITTED,), state, "With a reason. Its activation ends.", Permission.FIT_DEVICES)
          for state in OFF),
        *(Change(f"mark_{state}", OFF, state, "Never while it is on somebody.", Permission.FIT_DEVICES)
          for state in OFF),
    ),
    meanings={
        D.IN_STOCK: "It can be fitted.",
        D.FITTED: "It is on somebody, or in their home.",
        D.FAULTY: "It waits to be seen to.",
        D.LOST: "Nobody knows where it is.",
        D.RETIRED: "It is not used any more.",
    },
)  # fmt: skip
ABSENCE_LIFE = Life(
    page="absence-states",
    title="States of an absence",
    intro="This page is made from `milepost.service.orders.states`. The engine honours an absence that stands,\n"
          "and no other.",
    begins=((A.WAITING, "enter, where the table of reasons asks for a second person"), (A.STANDS, "enter")),
    changes=(
        Change("confirm", (A.WAITING,), A.STANDS, "Never by whoever entered it. One that comes of a decision on an "
               "alert is confirmed with that decision.", Permission.SECOND_DECISIONS),
        Change("withdraw", (A.WAITING, A.STANDS), A.WITHDRAWN, "The duty holds again, as if the absence had not been.",
               Permission.AUTHORISE_ABSENCES),
    ),
    meanings={
        A.WAITING: "A second person is asked to confirm it. The duty holds.",
        A.STANDS: "The duty is lifted for its time.",
        A.WITHDRAWN: "It has no effect. The record of it stays.",
    },
    ends=(A.WITHDRAWN,),
)  # fmt: skip
CHECK_LIFE = Life(
    page="import-check-states",
    title="States of a part of an import that waits",
    intro="This page is made from `milepost.service.orders.states`. Parts wait that are about somebody whom the sender\n"
          "does not see, or about a device that is not free. The sender is told nothing of what comes of them.",
    begins=((P.WAITING, "an import"),),
    changes=(
        Change("take_in", (P.WAITING,), P.TAKEN_IN, "Never by who sent it.", Permission.CHECK_IMPORTS),
        Change("leave_out", (P.WAITING,), P.LEFT_OUT, "With a reason. Never by who sent it.", Permission.CHECK_IMPORTS),
    ),
    meanings={
        P.WAITING: "Kept whole until somebody who may see both sides has looked.",
        P.TAKEN_IN: "Taken in as its sender's.",
        P.LEFT_OUT: "Nothing of it was taken in.",
    },
    ends=(P.TAKEN_IN, P.LEFT_OUT),
)  # fmt: skip
