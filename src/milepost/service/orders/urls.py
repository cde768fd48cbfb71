from django.urls import path

from milepost.service.orders.views import absences, checks, devices, documents, draft, exceptions, lists, order, parts

ORDER = "o/<str:reference>/"
DRAFT = ORDER + "draft/<int:number>/"
CONDITION = DRAFT + "conditions/<str:part_id>/"

app_name = "orders"
urlpatterns = [
    path("", lists.order_list, name="list"),
    path("new", lists.start, name="start"),
    path("import", documents.import_orders, name="import"),
    path("import/<int:pk>", documents.look_at_orders, name="import-look"),
    path("to-check/", checks.to_check, name="to-check"),
    path("to-check/<int:pk>", checks.to_check_one, name="to-check-one"),
    path("devices/", devices.device_list, name="devices"),
    path("devices/new", devices.register, name="device-register"),
    path("devices/import", documents.import_devices, name="import-devices"),
    path("devices/import/<int:pk>", documents.look_at_devices, name="import-devices-look"),
    path("devices/<int:pk>/", devices.device, name="device"),
    path("devices/<int:pk>/fit", devices.fit, name="device-fit"),
    path("devices/<int:pk>/mark", devices.mark, name="device-mark"),
    path("activations/<int:pk>/remove", devices.remove, name="device-remove"),
    path("activations/<int:pk>/swap", devices.swap, name="device-swap"),
    path("absences/<int:pk>/confirm", absences.confirm, name="absence-confirm"),
    path("absences/<int:pk>/withdraw", absences.withdraw, name="absence-withdraw"),
    path(ORDER, order.order, name="order"),
    path(ORDER + "vary", order.vary, name="vary"),
    path(ORDER + "absences/new", absences.add, name="absence-add"),
    path(ORDER + "documents/new", documents.add, name="document-add"),
    path(ORDER + "documents/<int:pk>", documents.download, name="document"),
    path(ORDER + "documents/<int:pk>/remove", documents.remove, name="document-remove"),
    path(ORDER + "versions/<int:number>/", order.version, name="version"),
    path(ORDER + "versions/<int:number>/take-back", order.take_back, name="take-back"),
    path(DRAFT, draft.task_list, name="draft"),
    path(DRAFT + "order", draft.terms, name="terms"),
    path(DRAFT + "check", draft.check, name="check"),
    path(DRAFT + "discard", draft.discard, name="discard"),
    path(DRAFT + "sections/<str:part>/", draft.section, name="section"),
    path(DRAFT + "sections/<str:part>/done", draft.mark_section, name="section-done"),
    path(DRAFT + "places/new", parts.place, name="place-add"),
    path(DRAFT + "places/<str:part_id>", parts.place, name="place"),
    path(DRAFT + "add/<str:kind>", parts.add_condition, name="condition-add"),
    path(CONDITION, parts.condition, name="condition"),
    path(CONDITION + "change", parts.change_condition, name="condition-change"),
    path(CONDITION + "timetable/<int:index>", parts.timetable, name="timetable"),
    path(CONDITION + "timetable/<int:index>/remove", parts.remove_timetable, name="timetable-remove"),
    path(CONDITION + "appointments/new", parts.add_appointment, name="appointment-add"),
    path(CONDITION + "appointments/<int:index>/remove", parts.remove_appointment, name="appointment-remove"),
    path(CONDITION + "exceptions/new", exceptions.exception, name="exception-add"),
    path(CONDITION + "exceptions/<int:index>", exceptions.exception, name="exception"),
    path(CONDITION + "exceptions/<int:index>/remove", exceptions.remove_exception, name="exception-remove"),
    path(DRAFT + "remove/<str:kind>/<str:part_id>", parts.remove_part, name="part-remove"),
]
