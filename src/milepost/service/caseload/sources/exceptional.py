"""Records of the team that somebody outside it opened with a reason, and that nobody has reviewed."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.accounts.roles import Permission
from milepost.service.caseload.asked import Asked, Found, address
from milepost.service.people.models import ExceptionalAccess, Person
from milepost.service.people.policy_data import review_within
from milepost.supervision.today import Reason


def to_review(asked: Asked) -> Iterator[Found]:
    user = asked.waits_for
    if user is None or not user.may(Permission.ALLOCATE_PEOPLE):
        return
    rows = ExceptionalAccess.objects.filter(
        reviewed_utc=None, person__in=Person.objects.visible_to(user)
    ).exclude(user=user)
    for access in rows.select_related("person__practitioner", "person__team", "user"):
        yield Found(
            access.person,
            Reason(
                kind="exceptional_access",
                key=f"access-{access.pk}",
                text="exceptional_access",
                link=address("people:access-review", access.person, pk=access.pk),
                source=f"exceptional access {access.pk}",
                due_utc=access.at_utc + review_within(),
                since_utc=access.at_utc,
                facts={"by": access.user.name},
                state=str(access.until_utc),
            ),
        )
