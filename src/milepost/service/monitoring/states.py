"""The lives of an alert and of a decision as data: what may follow what, and by whose hand."""

from __future__ import annotations

from enum import StrEnum

from milepost.service.accounts.roles import Permission
from milepost.service.kit.states import Change, Life
from milepost.service.monitoring.models import CallBack, Decision
from milepost.service.monitoring.models import IncidentState as S

DECIDE, SECOND = Permission.DECIDE_INCIDENTS, Permission.SECOND_DECISIONS


class Step(StrEnum):
    CLAIM = "claim"
    RELEASE = "release"
    HAND_OVER = "hand over"
    TAKE_OVER = "take over"
    DECIDE = "decide"
    DECIDE_WITH_SECOND = "decide, where two are needed"
    CONFIRM = "second person confirms"
    REFUSE = "second person refuses"
    DECIDE_AGAIN = "decide again"
    STILL_STANDS = "decision still stands"
    RISE = "later signals make it worse"
    NOTHING_LEFT = "later signals show nothing"
    CALL = "somebody calls"
    SET_ANEW = "another time is set"
    DROP = "it is not needed any more"


LIFE = Life(
    page="incident-states",
    title="The life of an alert",
    intro="What may follow what, and by whose hand. This page is made from `milepost.service.monitoring.states`, the list\n"
          "that the code goes by.",
    begins=((S.OPEN, "the engine finds something to look at"),),
    changes=(
        Change(Step.CLAIM, (S.OPEN,), S.CLAIMED, "Somebody takes it in hand.", DECIDE),
        Change(Step.HAND_OVER, (S.OPEN, S.CLAIMED), S.CLAIMED, "To somebody else who may decide it.", DECIDE),
        Change(Step.TAKE_OVER, (S.CLAIMED,), S.CLAIMED, "From somebody else who has it.", DECIDE),
        Change(Step.RELEASE, (S.CLAIMED,), S.OPEN, "Only by whoever has it in hand.", DECIDE),
        Change(Step.DECIDE, (S.OPEN, S.CLAIMED), S.DECIDED, "With a reason from the list.", DECIDE),
        Change(Step.DECIDE_WITH_SECOND, (S.OPEN, S.CLAIMED), S.WAITING_FOR_SECOND,
               "Where `decision_policy.toml` asks for a second person.", DECIDE),
        Change(Step.CONFIRM, (S.WAITING_FOR_SECOND,), S.DECIDED, "Never by whoever decided.", SECOND),
        Change(Step.REFUSE, (S.WAITING_FOR_SECOND,), S.CLAIMED, "With a reason. Never by whoever decided.", SECOND),
        # The decision that stands goes on standing until a second person has confirmed the new one.
        Change(Step.DECIDE_AGAIN, (S.DECIDED,), S.DECIDED, "The new decision takes the old one's place.", DECIDE),
        Change(Step.DECIDE_WITH_SECOND, (S.DECIDED,), S.DECIDED, "The old decision stands until it is confirmed.",
               DECIDE),
        Change(Step.CONFIRM, (S.DECIDED,), S.DECIDED, "The new decision takes the old one's place.", SECOND),
        Change(Step.REFUSE, (S.DECIDED,), S.DECIDED, "The old decision goes on standing.", SECOND),
        Change(Step.STILL_STANDS, (S.DECIDED,), S.DECIDED, "Somebody looked again, and nothing changes.", DECIDE),
        Change(Step.RISE, (S.DECIDED,), S.OPEN, "A higher level, or another finding.", by="the engine"),
        Change(Step.NOTHING_LEFT, (S.OPEN,), S.CLOSED_BY_ITSELF, "Before anybody had it in hand.", by="the engine"),
    ),
    meanings={
        S.OPEN: "Nobody has it. It is on the board.",
        S.CLAIMED: "Somebody has it in hand. Others may take it over.",
        S.WAITING_FOR_SECOND: "Decided, but the decision needs a second person.",
        S.DECIDED: "A decision stands. Later signals may put it up for another look.",
        S.CLOSED_BY_ITSELF: "Later signals showed that there was nothing, before anybody had it in hand.",
    },
    ends=(S.DECIDED, S.CLOSED_BY_ITSELF),
    notes="The engine never decides. It opens an alert, makes it worse, or finds that nothing is left of it.\n"
          "Where an alert is decided again and the new decision needs two people, the old decision stands until the\n"
          "second person has confirmed the new one.",
)  # fmt: skip
DECISION_LIFE = Life(
    page="decision-states",
    title="States of a decision on an alert",
    intro="This page is made from `milepost.service.monitoring.states`. Of an alert one decision stands at most, and one\n"
          "waits at most.",
    begins=((Decision.State.WAITING, "decide, where two are needed"), (Decision.State.STANDS, "decide")),
    changes=(
        Change(Step.CONFIRM, (Decision.State.WAITING,), Decision.State.STANDS,
               "Never by whoever decided, and only on the findings that were decided on.", SECOND),
        Change(Step.REFUSE, (Decision.State.WAITING,), Decision.State.REFUSED,
               "With a reason. Never by whoever decided.", SECOND),
        Change(Step.DECIDE_AGAIN, (Decision.State.STANDS,), Decision.State.REPLACED,
               "When the new decision stands. It stays on record; an absence that it made no longer holds.",
               by="the new decision"),
    ),
    meanings={
        Decision.State.WAITING: "A second person is asked to confirm it. It has no effect yet.",
        Decision.State.STANDS: "It counts.",
        Decision.State.REFUSED: "The second person did not confirm it.",
        Decision.State.REPLACED: "A later decision stands in its place.",
    },
    ends=(Decision.State.REFUSED, Decision.State.REPLACED),
)  # fmt: skip

CALL_BACK_LIFE = Life(
    page="call-back-states",
    title="States of a call-back",
    intro="This page is made from `milepost.service.monitoring.states`. Of an alert one call-back waits at most. At its\n"
          "time it is on the board and on today's list of whoever supervises the person.",
    begins=((CallBack.State.WAITING, "a time to call again is set"),),
    changes=(
        Change(Step.CALL, (CallBack.State.WAITING,), CallBack.State.CALLED,
               "A contact attempt was recorded on the alert, at any time.", DECIDE),
        Change(Step.SET_ANEW, (CallBack.State.WAITING,), CallBack.State.REPLACED, "The new time waits in its place.",
               DECIDE),
        Change(Step.DROP, (CallBack.State.WAITING,), CallBack.State.DROPPED, "By anybody who may decide the alert.",
               DECIDE),
    ),
    meanings={
        CallBack.State.WAITING: "Its time has not come, or nobody has called since.",
        CallBack.State.CALLED: "Somebody called.",
        CallBack.State.REPLACED: "Another time was set.",
        CallBack.State.DROPPED: "It was not needed any more.",
    },
    ends=(CallBack.State.CALLED, CallBack.State.REPLACED, CallBack.State.DROPPED),
)  # fmt: skip


def after(state: str, step: Step) -> str | None:
    """The state that follows, or None where the step may not be taken."""
    return LIFE.after(state, step)
