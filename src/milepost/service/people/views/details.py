"""Pages that change identity, contact details, risks to staff, notes."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.local_days import today
from milepost.service.people.actions import details as actions
from milepost.service.people.forms import ContactForm, EndForm, IdentityForm, NoteForm, RiskForm
from milepost.service.people.models import ContactDetail, Note, Person, StaffRisk
from milepost.service.people.views.base import change_page, find_person, page_about
from milepost.service.web.forms import Form


@about(find_person, "person.form", Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, person: Person) -> HttpResponse:
    names = ("revision", *actions.IDENTITY)
    form = IdentityForm(
        request.POST or None, person=person, initial={name: getattr(person, name) for name in names}
    )

    def act(form: IdentityForm) -> str | None:
        changed = actions.edit_identity(by=user_of(request), person=person, **form.cleaned_data)
        return _("The details are changed.") if changed else None

    return change_page(
        request, person, form, title=_("Change identity details"), button=_("Save"), act=act,
        then=page_about(person, "details"),
    )  # fmt: skip


@about(find_person, "person.form", Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def contact_add(request: HttpRequest, person: Person) -> HttpResponse:
    return _add(
        request, person, ContactForm(request.POST or None), actions.add_contact, _("The contact detail is added."),
        title=_("Add a contact detail"),
    )  # fmt: skip


@about(find_person, "person.form", Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def risk_add(request: HttpRequest, person: Person) -> HttpResponse:
    return _add(
        request, person, RiskForm(request.POST or None, initial={"since": today()}), actions.add_risk,
        _("The risk is shown on every page about this person."), title=_("Add a risk to staff"),
    )  # fmt: skip


def _add(
    request: HttpRequest, person: Person, form: Form, add: Callable[..., object], done: str, *, title: str
) -> HttpResponse:
    def act(form: Form) -> str:
        add(by=user_of(request), person=person, **form.cleaned_data)
        return done

    return change_page(
        request, person, form, title=title, button=_("Add"), act=act, then=page_about(person, "details")
    )


@about(find_person, "person.form", Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def contact_end(request: HttpRequest, person: Person, pk: int) -> HttpResponse:
    contact: ContactDetail = get_object_or_404(ContactDetail, pk=pk, person=person)
    return _end(
        request, person, lambda: actions.end_contact(by=user_of(request), contact=contact),
        _("The contact detail has ended."), title=_("End this contact detail?"), quoted=contact.value,
        intro=_("It stays in the record and is no longer shown as a way to reach them."),
    )  # fmt: skip


@about(find_person, "person.form", Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def risk_end(request: HttpRequest, person: Person, pk: int) -> HttpResponse:
    risk: StaffRisk = get_object_or_404(StaffRisk, pk=pk, person=person)
    return _end(
        request, person, lambda: actions.end_risk(by=user_of(request), risk=risk), _("The risk has ended."),
        title=_("End this risk to staff?"), quoted=risk.text,
        intro=_("It stays in the record. Staff will no longer see it before they call or visit."),
    )  # fmt: skip


def _end(
    request: HttpRequest, person: Person, end: Callable[[], object], done: str, *, title: str, quoted: str, intro: str
) -> HttpResponse:  # fmt: skip
    def act(form: EndForm) -> str:
        end()
        return done

    return change_page(
        request, person, EndForm(request.POST if request.method == "POST" else None), act=act, title=title,
        button=_("End it"), danger=True, quoted=quoted, intro=intro, then=page_about(person, "details"),
    )  # fmt: skip


@about(find_person, "person.form", Permission.WRITE_NOTES)
@require_http_methods(["GET", "POST"])
def note_add(request: HttpRequest, person: Person) -> HttpResponse:

    def act(form: NoteForm) -> str:
        actions.write_note(by=user_of(request), person=person, text=form.cleaned_data["text"])
        return _("The note is kept.")

    return change_page(
        request, person, NoteForm(request.POST or None), title=_("Write a note"), button=_("Keep this note"),
        act=act, then=page_about(person, "notes"),
    )  # fmt: skip


@about(find_person, "person.form", Permission.WRITE_NOTES)
@require_http_methods(["GET", "POST"])
def note_correct(request: HttpRequest, person: Person, pk: int) -> HttpResponse:
    note: Note = get_object_or_404(Note, pk=pk, person=person)

    def act(form: NoteForm) -> str:
        actions.write_note(by=user_of(request), person=person, text=form.cleaned_data["text"], corrects=note)
        return _("The correction is saved with the note.")

    return change_page(
        request, person, NoteForm(request.POST or None), title=_("Correct a note"), button=_("Keep this correction"),
        act=act, then=page_about(person, "notes"), quoted=note.text,
        intro=_("The note stays as it was. Your correction is shown with it."),
    )  # fmt: skip
