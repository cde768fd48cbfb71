from django.urls import path

from milepost.service.caseload.views import team, today

app_name = "caseload"
urlpatterns = [
    path("", today.today, name="today"),
    path("rule", today.rule, name="rule"),
    path("put-off/<str:reference>/<str:kind>/<str:key>", today.put_off, name="put-off"),
    path("bring-back/<int:pk>", today.bring_back, name="bring-back"),
    path("team", team.team_page, name="team"),
    path("team/<int:pk>", team.practitioner, name="practitioner"),
    path("team/<int:pk>/hours", team.hours, name="hours"),
]
