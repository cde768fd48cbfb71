"""Whoever asks for something: staff who sign in, and whoever else may come to: a person in a portal of their own, somebody
who speaks with victims, a program.

The log (``audit.write``), the policies (``kit.refusals.need``) and the records (``visible_to``) ask no more of anybody
than is said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from milepost.service.accounts.roles import Reach


@dataclass(frozen=True, slots=True)
class Within:
    """Whose records somebody sees, before restrictions of single records.

    ``holder``: the team or the prison, for ``OWN_TEAM`` and ``OWN_PRISON``. ``person``: themselves, for ``OWN_RECORD``.
    ``staff``: the user on whose name records are opened beyond the reach (named on a restricted record, exceptional
    access); None: nothing is opened to them beyond it. All are primary keys.
    """

    reach: Reach
    holder: int | None = None
    person: int | None = None
    staff: int | None = None


NOTHING = Within(Reach.NOBODY)


class Principal(Protocol):
    """``audit_name`` as "user:12" and ``audit_role`` stand in the log."""

    @property
    def audit_name(self) -> str: ...
    @property
    def audit_role(self) -> str: ...
    @property
    def within(self) -> Within: ...
    def may(self, permission: str) -> bool: ...
