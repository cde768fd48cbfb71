"""Every address of the service. A test walks this list: an address without a case in it fails the build."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from milepost.service.web import health
from milepost.service.web.access import public

urlpatterns = [
    path("", include("milepost.service.accounts.urls")),
    path("", include("milepost.service.web.urls")),
    path("audit/", include("milepost.service.audit_pages.urls")),
    path("maps/", include("milepost.service.maps.urls")),
    path("people/", include("milepost.service.people.urls")),
    path("orders/", include("milepost.service.orders.urls")),
    path("signals/", include("milepost.service.signals.urls")),
    path("ingest/", include("milepost.service.signals.ingest_urls")),
    path("monitoring/", include("milepost.service.monitoring.urls")),
    path("today/", include("milepost.service.caseload.urls")),
    path("assessments/", include("milepost.service.assessments.urls")),
    path("algorithms/", include("milepost.service.algorithms.urls")),
    path("person/", include("milepost.service.person_page.urls")),
    path("upkeep/", include("milepost.service.upkeep.urls")),
    path("api/", include("milepost.service.api.urls")),
    path("health/live", public(health.live), name="health-live"),
    path("health/ready", public(health.ready), name="health-ready"),
    path("language", public(set_language), name="set_language"),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("milepost.service.demo.urls")))

handler400 = "milepost.service.web.errors.bad_request"
handler403 = "milepost.service.web.errors.forbidden"
handler404 = "milepost.service.web.errors.not_found"
handler500 = "milepost.service.web.errors.server_error"
