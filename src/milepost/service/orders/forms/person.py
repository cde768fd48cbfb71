"""Whom something is about: typed and picked."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.models import User
from milepost.service.people.picking import PersonFinder
from milepost.service.web.forms import Form, LookupField


class PersonForm(Form):
    """``door``: what was tried, for the log of references that the user does not see. ``finder.shown``: whom the page
    names."""

    door: ClassVar[str]
    person = LookupField(
        label=_("Who is it about?"),
        help_text=_("Type a name, a telephone number or a reference such as P000123"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.finder = PersonFinder(user, self.door)
        self.fields["person"].look_in(self.finder)  # type: ignore[attr-defined]
