from django.urls import path

from milepost.service.algorithms.views import alarms, fairness, lists, outcomes, predictors

app_name = "algorithms"
urlpatterns = [
    path("", lists.in_use, name="list"),
    path("fairness", fairness.fairness, name="fairness"),
    path("fairness.csv", fairness.export, name="fairness-csv"),
    path("record/<str:key>", lists.record, name="record"),
    path("predictors/<slug:code>/<int:version>", predictors.predictor, name="predictor"),
    path("predictors/<slug:code>/<int:version>/step", predictors.step, name="predictor-step"),
    path("steps/<int:pk>", predictors.second, name="predictor-second"),
    path("alarms/<int:pk>", alarms.answer, name="alarm"),
    path("outcomes", outcomes.files, name="outcomes"),
    path("outcomes/<int:pk>", outcomes.file, name="outcomes-file"),
    path("outcomes/<int:pk>/withdraw", outcomes.withdraw, name="outcomes-withdraw"),
]
