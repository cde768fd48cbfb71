from __future__ import annotations

from tests.service.walk.cases import View

VIEWS = {
    "demo:front": View(public=True),
    "demo:sign-in": View(public=True, method="post"),
    "demo:tour": View(public=True),
    "demo:step": View(public=True, method="post"),
    "demo:hide": View(public=True, method="post"),
}
