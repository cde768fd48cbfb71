from __future__ import annotations

from milepost.service.accounts.roles import Role
from tests.service.walk.cases import View

VIEWS = {"gazetteer:find": View(right=[Role.PRACTITIONER, Role.SENIOR_PRACTITIONER])}
