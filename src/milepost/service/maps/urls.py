"""Addresses of the map's tiles and streets: ``path("maps/", include("milepost.service.maps.urls"))``."""

from __future__ import annotations

from django.urls import path

from milepost.service.maps import views

app_name = "maps"
urlpatterns = [
    path("tiles/<slug:name>.pmtiles", views.tiles, name="tiles"),
    path("streets.geojson", views.streets, name="streets"),
]
