from django.urls import path

from milepost.service.monitoring.views import (
    board,
    call_backs,
    incident,
    rules,
    saved_views,
    second,
    shift,
    together,
)

app_name = "monitoring"
urlpatterns = [
    path("", board.board, name="board"),
    path("rows", board.rows, name="rows"),
    path("stream", board.stream_view, name="stream"),
    path("together/<str:kind>/<str:night>", together.together, name="together"),
    path("shift", shift.shift, name="shift"),
    path("views", saved_views.save, name="save-view"),
    path("views/<int:pk>/drop", saved_views.drop, name="drop-view"),
    path("incident/<int:pk>", incident.incident, name="incident"),
    path("incident/<int:pk>/claim", incident.claim, name="claim"),
    path("incident/<int:pk>/release", incident.release, name="release"),
    path("incident/<int:pk>/colleagues", incident.colleagues, name="colleagues"),
    path("incident/<int:pk>/hand-over", incident.hand_over, name="hand-over"),
    path("incident/<int:pk>/take-over", incident.take_over, name="take-over"),
    path("incident/<int:pk>/call-back", call_backs.set_one, name="call-back"),
    path("call-back/<int:pk>/drop", call_backs.drop, name="drop-call-back"),
    path("incident/<int:pk>/acknowledge", incident.acknowledge, name="acknowledge"),
    path("incident/<int:pk>/contact", incident.contact, name="contact"),
    path("incident/<int:pk>/note", incident.note, name="note"),
    path("incident/<int:pk>/decide", incident.decide, name="decide"),
    path("incident/<int:pk>/keep", incident.keep, name="keep"),
    path("second", second.waiting, name="second"),
    path("second/<int:pk>", second.answer, name="second-decision"),
    path("rules", rules.rules, name="rules"),
]
