from __future__ import annotations

from milepost.service.accounts.roles import Role
from tests.service.walk.cases import View

VIEWS = {"upkeep:status": View(right=[Role.ADMINISTRATOR])}
