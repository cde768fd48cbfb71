from django.urls import path

from milepost.service.assessments.views import contests, draft, lists, overrides, version

ONE = "a/<int:pk>/"
PERSON = "person/<str:reference>/"

app_name = "assessments"
urlpatterns = [
    path("", lists.assessments, name="list"),
    path("person/<str:reference>", lists.of_person, name="of-person"),
    path(PERSON + "start", lists.start, name="start"),
    path(PERSON + "sex", lists.sex, name="sex"),
    path(ONE, draft.task_list, name="task-list"),
    path(ONE + "section/<str:key>", draft.section, name="section"),
    path(ONE + "section/<str:key>/confirm", draft.confirm_section, name="section-confirm"),
    path(ONE + "judgement", draft.judgement, name="judgement"),
    path(ONE + "scores", draft.scores, name="scores"),
    path(ONE + "discard", draft.discard, name="discard"),
    path(ONE + "take-back", draft.take_back, name="take-back"),
    path(ONE + "version", version.version, name="version"),
    path(ONE + "compare", version.compare, name="compare"),
    path(ONE + "event", version.event, name="event"),
    path(ONE + "print", version.for_officer, name="print"),
    path(ONE + "for-person", version.for_person, name="for-person"),
    path(ONE + "given", version.given, name="given"),
    path(ONE + "override", overrides.override, name="override"),
    path(ONE + "contest", contests.raise_one, name="contest-raise"),
    path("overrides/<int:pk>/", overrides.second, name="override-second"),
    path("overrides/<int:pk>/withdraw", overrides.withdraw, name="override-withdraw"),
    path("contests/", contests.contest_list, name="contests"),
    path("contests/<int:pk>/", contests.contest, name="contest"),
    path("contests/<int:pk>/look", contests.look, name="contest-look"),
    path("contests/<int:pk>/correct", contests.correct, name="contest-correct"),
]
