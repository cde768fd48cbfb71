from __future__ import annotations

from tests.service.walk.cases import View

VIEWS = {
    "web:accessibility": View(public=True),
    "web:gallery": View(public=True),
    "web:privacy": View(public=True),
}
