"""The life of a message that was not understood, as data."""

from __future__ import annotations

from milepost.service.accounts.roles import Permission
from milepost.service.kit.states import Change, Life
from milepost.service.signals.models import QuarantinedMessage

S = QuarantinedMessage.State
NOT_REPLAYED = (S.WAITING, S.SET_ASIDE)
LIFE = Life(
    page="quarantine-states",
    title="States of a message in quarantine",
    intro="This page is made from `milepost.service.signals.states`. A message, or rows of one, that could not be\n"
          "understood is kept as it came.",
    begins=((S.WAITING, "rows that could not be understood"),),
    changes=(
        Change("replay", NOT_REPLAYED, S.REPLAYED, "Read again with today's readers, and nothing is refused any more.",
               Permission.REPLAY_QUARANTINE),
        Change("replay_with_refusals", NOT_REPLAYED, S.WAITING, "Read again; what is refused still waits, with today's "
               "problems.", Permission.REPLAY_QUARANTINE),
        Change("set_aside", NOT_REPLAYED, S.SET_ASIDE, "With a note that says why.", Permission.REPLAY_QUARANTINE),
    ),
    meanings={
        S.WAITING: "Somebody has to see to it.",
        S.REPLAYED: "All of it is in.",
        S.SET_ASIDE: "It needs nothing more. It can still be replayed while it is kept.",
    },
    ends=(S.REPLAYED, S.SET_ASIDE),
)  # fmt: skip
