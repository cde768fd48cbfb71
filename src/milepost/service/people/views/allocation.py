"""Pages for senior practitioners: who supervises, who may see a restricted record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.people.actions import allocation as actions
from milepost.service.people.forms import AllocateForm, NamedForm, RevisionForm
from milepost.service.people.models import Person
from milepost.service.people.views.base import change_page, find_person, page_about


@about(find_person, "person.form", Permission.ALLOCATE_PEOPLE)
@require_http_methods(["GET", "POST"])
def allocate(request: HttpRequest, person: Person) -> HttpResponse:
    form = AllocateForm(
        request.POST or None,
        person=person,
        initial={
            "revision": person.revision,
            "to": "own" if person.practitioner_id else "nobody",
            "practitioner": person.practitioner_id,
        },
    )

    def act(form: AllocateForm) -> str:
        given = form.cleaned_data
        actions.allocate(
            by=user_of(request), person=person, revision=given["revision"],
            team=given["team"] if given["to"] == "other" else person.team, practitioner=given["practitioner"],
        )  # fmt: skip
        return _("The person is allocated.")

    return change_page(
        request, person, form, title=_("Allocate this person"), button=_("Allocate"), act=act,
        then=page_about(person, "details"),
    )  # fmt: skip


@about(find_person, "person.form", Permission.ALLOCATE_PEOPLE)
@require_http_methods(["GET", "POST"])
def restrict(request: HttpRequest, person: Person) -> HttpResponse:
    initial = [str(pk) for pk in {user_of(request).pk, person.practitioner_id} if pk]
    form = NamedForm(
        request.POST or None, person=person, initial={"revision": person.revision, "named": initial}
    )

    def act(form: NamedForm) -> str:
        actions.restrict(
            by=user_of(request), person=person, revision=form.cleaned_data["revision"], named=form.users()
        )
        return _("The record is restricted to those you named.")

    return change_page(
        request, person, form, title=_("Restrict this record"), button=_("Restrict"), act=act, danger=True,
        intro=_(
            "Only those you name will see it. For everyone else it will be as if it did not exist, monitoring officers "
            "included: name those who have to answer its alerts."
        ),
        then=page_about(person, "details"),
    )  # fmt: skip


@about(find_person, "person.form", Permission.ALLOCATE_PEOPLE)
@require_http_methods(["GET", "POST"])
def named(request: HttpRequest, person: Person) -> HttpResponse:
    form = NamedForm(request.POST or None, person=person, initial=_named_now(person))

    def act(form: NamedForm) -> str:
        actions.change_named(
            by=user_of(request), person=person, revision=form.cleaned_data["revision"], named=form.users()
        )
        return _("The list of those who see this record is changed.")

    return change_page(
        request, person, form, title=_("Who sees this restricted record"), button=_("Save"), act=act,
        then=page_about(person, "details"),
    )  # fmt: skip


def _named_now(person: Person) -> dict[str, object]:
    users = list(User.objects.filter(namedaccess__person=person).order_by("email"))
    return {
        "revision": person.revision,
        "named": [str(user.pk) for user in users],
        "others": "\n".join(user.email for user in users if user.team_id != person.team_id),
    }


@about(find_person, "person.form", Permission.ALLOCATE_PEOPLE)
@require_http_methods(["GET", "POST"])
def unrestrict(request: HttpRequest, person: Person) -> HttpResponse:
    form = RevisionForm(request.POST or None, initial={"revision": person.revision})

    def act(form: RevisionForm) -> str:
        actions.unrestrict(by=user_of(request), person=person, revision=form.cleaned_data["revision"])
        return _("The record is no longer restricted.")

    return change_page(
        request, person, form, title=_("Lift the restriction?"), button=_("Lift it"), act=act, danger=True,
        intro=_("Everyone whose role reaches this person will see the record again."),
        then=page_about(person, "details"),
    )  # fmt: skip
