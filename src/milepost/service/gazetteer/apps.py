"""The Django app ``gazetteer``. It has no models: what it searches is in files that the library makes."""

from __future__ import annotations

from django.apps import AppConfig


class GazetteerConfig(AppConfig):
    name = "milepost.service.gazetteer"
    label = "gazetteer"
    verbose_name = "Gazetteer"
