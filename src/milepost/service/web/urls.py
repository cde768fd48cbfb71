from django.conf import settings
from django.urls import URLPattern, path

from milepost.service.web.gallery import gallery

app_name = "web"
urlpatterns: list[URLPattern] = [path("gallery", gallery, name="gallery")] if settings.DEMO else []
