"""What the shift before left for the visitor: people to call back, an alert that a colleague handed over, a saved view.

Through the same actions as anyone's. What the town's own evening brings is left as it is.
"""

from __future__ import annotations

from django.db import transaction

from milepost.service import clock
from milepost.service.demo.town_so_far import TownSoFar
from milepost.service.monitoring.actions import hand_over, record_contact, save_view, set_call_back
from milepost.service.monitoring.board import undecided
from milepost.service.monitoring.filters import Filters
from milepost.service.monitoring.models import Incident
from milepost.service.monitoring.sections import Section
from milepost.times import MINUTE_US

WHY = "Synthetic: said the bus is late; call when it should be in"


@transaction.atomic
def make_shift(town: TownSoFar) -> None:
    """Call it when the past has been lived: it works with what is open then."""
    officer, *colleagues = town.staff.officers
    with clock.pinned(town.visit_us - 40 * MINUTE_US):
        going = list(undecided(officer, Filters(section=Section.NOW)).filter(still_going=True)[:3])
        for incident, minutes in zip(going, (35, 90), strict=False):
            _call_again(incident, town, minutes)
        save_view(by=officer, name="Urgent only (synthetic)", query=Filters(level="urgent").as_query())
        if len(going) > 2 and colleagues:
            hand_over(incident=going[2], to=colleagues[0], by=officer, note="Synthetic: you know the family")


def _call_again(incident: Incident, town: TownSoFar, minutes: int) -> None:
    officer = town.staff.officers[0]
    record_contact(incident=incident, by=officer, channel="mobile", outcome="no_answer")
    set_call_back(incident=incident, due_us=clock.now_us() + minutes * MINUTE_US, by=officer, why=WHY)
