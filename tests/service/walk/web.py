from __future__ import annotations

from tests.service.walk.cases import View

VIEWS = {"web:gallery": View(public=True)}
