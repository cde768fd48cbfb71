"""The person's next appointment, from whatever app keeps appointments. None of them need be installed."""

from __future__ import annotations

from milepost.service.accounts.models import User
from milepost.service.kit.capabilities import next_appointments
from milepost.service.kit.declaration import NextAppointment
from milepost.service.people.models import Person
from milepost.times import from_us


def next_appointment(user: User, person: Person, now_us: int) -> NextAppointment | None:
    """The earliest that any app gives."""
    given = (source(user, person, from_us(now_us)) for source in next_appointments())
    return min((one for one in given if one is not None), key=lambda one: one.at_utc, default=None)


def appointments_are_kept() -> bool:
    """Whether any app keeps appointments here: where none does, the page does not speak of them."""
    return bool(next_appointments())
