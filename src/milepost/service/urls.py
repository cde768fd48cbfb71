"""Every address of the service: what its apps declare, and three of its own. A test walks this list: an address without
a case in it fails the build."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from milepost.service.kit.capabilities import capabilities
from milepost.service.web import health
from milepost.service.web.access import public

urlpatterns = [
    *(path(one.prefix, include(one.urlconf)) for app in capabilities().values() for one in app.addresses),
    path("health/live", public(health.live), name="health-live"),
    path("health/ready", public(health.ready), name="health-ready"),
    path("language", public(set_language), name="set_language"),
]

handler400 = "milepost.service.web.errors.bad_request"
handler403 = "milepost.service.web.errors.forbidden"
handler404 = "milepost.service.web.errors.no_such_page"
handler500 = "milepost.service.web.errors.server_error"
