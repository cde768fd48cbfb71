from django.urls import path

from milepost.service.api import document
from milepost.service.api.views import document as pages
from milepost.service.api.views import tokens, webhooks

app_name = "api"
urlpatterns = [
    path("", pages.docs, name="docs"),
    path("openapi.json", pages.openapi, name="openapi"),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/new", tokens.token_new, name="token-new"),
    path("tokens/<int:pk>/revoke", tokens.token_revoke, name="token-revoke"),
    path("webhooks/", webhooks.webhook_list, name="webhooks"),
    path("webhooks/new", webhooks.webhook_new, name="webhook-new"),
    path("webhooks/<int:pk>", webhooks.webhook, name="webhook"),
    path("webhooks/<int:pk>/pause", webhooks.webhook_pause, name="webhook-pause"),
    path("webhooks/<int:pk>/resume", webhooks.webhook_resume, name="webhook-resume"),
    path("webhooks/<int:pk>/remove", webhooks.webhook_remove, name="webhook-remove"),
    path("deliveries/<int:pk>/again", webhooks.webhook_send_again, name="webhook-send-again"),
    path("v1/", document.urls()),
]
