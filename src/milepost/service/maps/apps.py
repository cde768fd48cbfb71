"""The Django app ``maps``. It has no models: it draws what other apps hand to it."""

from __future__ import annotations

from django.apps import AppConfig


class MapsConfig(AppConfig):
    name = "milepost.service.maps"
    label = "maps"
    verbose_name = "Maps"
