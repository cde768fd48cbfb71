from django.urls import path

from milepost.service.signals import ingest_views as views

app_name = "ingest"
urlpatterns = [
    path("osmand", views.osmand, name="osmand"),
    path("owntracks", views.owntracks, name="owntracks"),
    path("traccar", views.traccar, name="traccar"),
    path("overland", views.overland, name="overland"),
    path("ndjson", views.ndjson, name="ndjson"),
    path("arrow", views.arrow, name="arrow"),
]
