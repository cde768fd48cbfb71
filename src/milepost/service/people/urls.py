from django.urls import path

from milepost.service.people.views import access, allocation, details, search

app_name = "people"
urlpatterns = [
    path("", search.search_people, name="search"),
    path("pick", search.pick_people, name="pick"),
    path("exceptional-access", access.reviews, name="access-reviews"),
    path("exceptional-access/<int:pk>", access.review, name="access-review"),
    path("<str:reference>/ask", access.ask, name="ask"),
    path("<str:reference>/edit", details.edit, name="edit"),
    path("<str:reference>/contacts/add", details.contact_add, name="contact-add"),
    path("<str:reference>/contacts/<int:pk>/end", details.contact_end, name="contact-end"),
    path("<str:reference>/risks/add", details.risk_add, name="risk-add"),
    path("<str:reference>/risks/<int:pk>/end", details.risk_end, name="risk-end"),
    path("<str:reference>/notes/add", details.note_add, name="note-add"),
    path("<str:reference>/notes/<int:pk>/correct", details.note_correct, name="note-correct"),
    path("<str:reference>/allocate", allocation.allocate, name="allocate"),
    path("<str:reference>/restrict", allocation.restrict, name="restrict"),
    path("<str:reference>/named", allocation.named, name="named"),
    path("<str:reference>/unrestrict", allocation.unrestrict, name="unrestrict"),
]
