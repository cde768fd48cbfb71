from __future__ import annotations

from tests.service.walk.cases import View

VIEWS = {
    "health-live": View(public=True),
    "health-ready": View(public=True),
    "set_language": View(public=True, method="post"),
}
