from django.conf import settings
from django.urls import URLPattern, path

from milepost.service.web.gallery import gallery
from milepost.service.web.statements import accessibility, privacy

app_name = "web"
urlpatterns: list[URLPattern] = [
    path("accessibility", accessibility, name="accessibility"),
    path("privacy", privacy, name="privacy"),
    *([path("gallery", gallery, name="gallery")] if settings.DEMO else []),
]
