"""The endpoints, one module a subject. Each reads what ``visible_to`` lets through and changes through actions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from milepost.service.accounts.models import User
from milepost.service.accounts.unseen import log_unseen
from milepost.service.api.doors import caller
from milepost.service.api.logged import consulted
from milepost.service.api.paging import page_of
from milepost.service.people.models import Person


def person_of(user: User, reference: str) -> Person:
    """Raises Http404: there is none, or ``user`` may not see it."""
    person: Person | None = Person.objects.visible_to(user).filter(reference=reference).first()
    if person is None:
        log_unseen(user, "api.person", [reference])
        raise Http404
    return person


def one_of(model: Any, user: User, **where: Any) -> Any:
    """As ``person_of``, for what belongs to a person; ``where`` is one field and its value."""
    found = model.objects.visible_to(user).select_related("person").filter(**where).first()
    if found is None:
        log_unseen(user, f"api.{model._meta.model_name}", [str(value) for value in where.values()])
        raise Http404
    return found


def listed(
    request: HttpRequest,
    what: str,
    rows: QuerySet[Any],
    order: list[str],
    cursor: str | None,
    limit: int | None,
    *,
    person: str | None = None,
    **details: Any,
) -> tuple[list[Any], str | None]:
    """One page of ``rows``, which have a person each and which the caller may see, and the cursor of the next.

    Only of ``person`` where one is named. Whom the page shows is logged as ``what``, with ``details``.
    """
    if person:
        rows = rows.filter(person=person_of(caller(request).user, person))
    found, after = page_of(rows, order, cursor, limit)
    shown = [row.person.reference for row in found]
    consulted(request, what, subject=person or "", shown=shown, **details)
    return found, after
