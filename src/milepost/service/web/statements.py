"""Two pages that anybody may read: how accessible the service is, and what it keeps and records of its users."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from milepost.service.web.access import public


@public  # whoever cannot sign in because of a barrier must be able to read about it
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "web/accessibility.html", {})


@public  # to be read before signing in
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "web/privacy.html", {})
