"""Views of the board that a user keeps: their own alone, and audited like every change."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring.models import SavedView

MOST = 12
"""Of one user: they stand in one line above the board."""


@transaction.atomic
def save_view(*, by: User, name: str, query: str, by_default: bool = False) -> SavedView:
    """Keeps filters under a name; the same name again changes that view.

    Args:
        query: as in the board's address, without a name that was searched for.

    Raises:
        Refused: there is no name, or there are too many views.
    """
    name = name.strip()
    if not name:
        raise Refused(_("Enter a name for the view."))
    others = SavedView.objects.filter(user=by).exclude(name=name)
    if others.count() >= MOST:
        raise Refused(_("You have %(n)d views. Remove one first.") % {"n": MOST})
    if by_default:
        others.filter(by_default=True).update(by_default=False)
    view, _made = SavedView.objects.update_or_create(
        user=by, name=name, defaults={"query": query, "by_default": by_default}
    )
    _note(by, "board.save_view", view)
    return view


@transaction.atomic
def drop_view(*, by: User, view: SavedView) -> None:
    """Raises Refused: it is somebody else's."""
    if view.user_id != by.pk:
        raise Refused(_("This view belongs to somebody else."))
    _note(by, "board.drop_view", view)
    view.delete()


def _note(by: User, what: str, view: SavedView) -> None:
    write(
        by=by, operation=Operation.ALTERATION, what=what,
        details={"view": view.pk, "query": view.query, "by_default": view.by_default},
    )  # fmt: skip
