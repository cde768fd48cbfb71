"""Picking a colleague by typing: words of the name, or the e-mail address."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.web.lookup import Option

SHOWN = 10
WORDS_AT_MOST = 8
"""Of what was typed: no name has more, and each is a condition of the question."""


class UserFinder:
    """For ``LookupField``. Only among ``users``."""

    def __init__(self, users: QuerySet[User], address: str) -> None:
        self.users, self.address = users, address

    def exact(self, text: str) -> User | None:
        return self.users.filter(email=text.lower()).first()

    def find(self, text: str) -> list[Option]:
        said = Q()
        for word in text.split()[:WORDS_AT_MOST]:
            said &= Q(name__icontains=word) | Q(email__icontains=word)
        if not said:
            return []
        found = self.users.filter(said).select_related("team").order_by("name", "pk")
        return [option_of(user) for user in found[:SHOWN]]

    def get(self, key: str) -> User | None:
        number = key.isascii() and key.isdigit() and len(key) < 10
        return self.users.filter(pk=int(key)).first() if number else None

    def nothing(self, text: str) -> str:
        return _("Nobody who can be chosen here has this name or e-mail address. Type less of the name.")


def option_of(user: User) -> Option:
    where = str(Role(user.role).facts.title), user.team.name if user.team else ""
    return Option(str(user.pk), f"{user.name}, {user.email}", ", ".join(filter(None, where)))
