from django.urls import path

from milepost.service.signals import views

app_name = "signals"
urlpatterns = [
    path("quarantine", views.quarantine, name="quarantine"),
    path("quarantine/replay", views.replay_all, name="replay-all"),
    path("quarantine/<int:pk>", views.message, name="message"),
    path("quarantine/<int:pk>/replay", views.replay, name="replay"),
    path("quarantine/<int:pk>/set-aside", views.set_aside, name="set-aside"),
    path("tokens", views.tokens, name="tokens"),
    path("tokens/new", views.new_token, name="token-new"),
    path("tokens/<int:pk>/revoke", views.revoke_token, name="token-revoke"),
]
