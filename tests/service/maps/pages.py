"""Pages of the tests: a map, a map to draw on, an empty one. They stand beside the service's own addresses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from milepost.service.maps.features import build_map
from milepost.service.urls import handler400, handler403, handler404, handler500, urlpatterns
from milepost.service.web.access import public
from tests.service.maps import sample

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A synthetic evening</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
</head><body><main><h1>A synthetic evening</h1>
{% from "maps/map.html" import map, draw_zone %}
{% if drawing %}{{ draw_zone("zone", "geojson", shown.features, "Draw the zone", shown.table) }}
<label for="geojson">The zone as GeoJSON</label> <textarea id="geojson" name="geojson" rows="8"></textarea>
{% else %}{{ map("trail", shown.features, "Where the tag was on Monday evening", shown.table) }}{% endif %}
</main></body></html>"""


def _page(request: HttpRequest, drawing: bool = False, **values: object) -> HttpResponse:
    return HttpResponse(engines["jinja2"].from_string(PAGE).render({"drawing": drawing, **values}, request))


@public
def evening(request: HttpRequest) -> HttpResponse:
    return _page(request, shown=sample.evening())


@public
def drawing(request: HttpRequest) -> HttpResponse:
    return _page(request, shown=build_map(zones=sample.zones()), drawing=True)


@public
def empty(request: HttpRequest) -> HttpResponse:
    return _page(request, shown=build_map())


urlpatterns = [
    *urlpatterns,
    path("test-maps/evening", evening),
    path("test-maps/drawing", drawing),
    path("test-maps/empty", empty),
]
