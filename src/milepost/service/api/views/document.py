"""The API described, for signed-in people: as a page made from the document, and the document itself."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from milepost.service.accounts.access import requires
from milepost.service.api.describe import Group, describe
from milepost.service.api.document import api


@cache
def _document() -> dict[str, Any]:
    return dict(api.get_openapi_schema())


@cache
def _groups() -> list[Group]:
    return describe(_document())


@requires()
@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(_document(), json_dumps_params={"ensure_ascii": False})


@requires()
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    return render(
        request, "api/docs.html", {"groups": _groups(), "about": _document()["info"]["description"]}
    )
