"""What the board's address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from milepost.service.accounts.models import User
from milepost.service.monitoring.sections import Section
from milepost.service.people.search import about_called

CHOICES = {
    "level": ("urgent", "review"),
    "whose": ("mine", "unclaimed"),
    "section": tuple(Section),
    "show": ("decided",),
}
"""What each filter may be; anything else is as if it were not there."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for. Unknown values are dropped: a link from long ago still opens."""

    level: str = ""
    kind: str = ""
    whose: str = ""
    team: str = ""
    text: str = ""
    show: str = ""
    section: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        def one_of(name: str) -> str:
            value = query.get(name, "")
            return value if value in CHOICES[name] else ""

        kind, team = query.get("kind", ""), query.get("team", "")
        return cls(
            level=one_of("level"),
            kind=kind if kind.replace("_", "").isalpha() and len(kind) <= 40 else "",
            whose=one_of("whose"),
            team=team if team.isdecimal() and len(team) < 10 else "",
            text=query.get("text", "").replace("\x00", "").strip()[:100],
            show=one_of("show"),
            section=one_of("section"),
        )

    @classmethod
    def of_words(cls, query: str) -> Filters:
        """Of a part of an address, such as a saved view keeps."""
        return cls.of(QueryDict(query))

    def as_query(self, **more: str) -> str:
        """For the address: only what is set."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def any(self) -> bool:
        return bool(self.as_query())

    @property
    def narrows(self) -> bool:
        """Whether some alerts that are to be decided may be missing."""
        return bool(self.as_query(section="", show=""))

    @property
    def to_save(self) -> str:
        """What a saved view keeps: not a name that was searched for, for that is about a person."""
        return self.as_query(text="", show="")


def narrowed(incidents: QuerySet[Any], filters: Filters, user: User) -> QuerySet[Any]:
    """Those that the filters ask for; the section apart."""
    if filters.level:
        incidents = incidents.filter(level=filters.level)
    if filters.kind:
        incidents = incidents.filter(kind=filters.kind)
    if filters.whose == "mine":
        incidents = incidents.filter(claimed_by=user)
    elif filters.whose == "unclaimed":
        incidents = incidents.filter(claimed_by=None)
    if filters.team:
        incidents = incidents.filter(person__team_id=int(filters.team))
    if filters.text:
        incidents = about_called(incidents, filters.text)
    return incidents
