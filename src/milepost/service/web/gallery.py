"""A page that shows each component of the kit. It is there only in a demonstration, and tests look at it."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from milepost.service.web.access import public
from milepost.service.web.forms import DateField, DatePickerField, Form, TimeField


class GalleryForm(Form):
    """One field of each kind."""

    name = forms.CharField(label="Full name", help_text="As it is on the order", max_length=60)
    born = DateField(label="Date of birth", help_text="For example, 27 3 1990")
    starts = TimeField(label="Start time", help_text="For example, 7pm or 19:00")
    visit = DatePickerField(label="Date of visit", required=False)
    reason = forms.ChoiceField(
        label="Why was the person late?",
        choices=[("work", "Work"), ("transport", "Public transport"), ("other", "Another reason")],
        widget=forms.RadioSelect,
    )
    other = forms.CharField(
        label="What was the reason?", widget=forms.Textarea, max_length=200, required=False
    )
    told = forms.MultipleChoiceField(
        label="Who was told?",
        choices=[("person", "The person"), ("police", "The police")],
        widget=forms.CheckboxSelectMultiple,
    )
    team = forms.ChoiceField(
        label="Team", choices=[("", "Choose a team"), ("north", "North"), ("south", "South")]
    )
    email = forms.EmailField(label="E-mail address", required=False)
    minutes = forms.IntegerField(label="Minutes", widget=forms.TextInput({"width": 4}))
    proof = forms.FileField(label="Proof", required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput, required=False)
    agreed = forms.BooleanField(label="I have read the notes")

    reveals = {"reason": {"other": ["other"]}}  # noqa: RUF012 - as the base class says
    hints = {"reason": {"transport": "A bus or train that did not run"}}  # noqa: RUF012 - as the base class says


AT = datetime(2027, 3, 27, 19, 4, tzinfo=UTC)
CLOCKS_CHANGE = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@public  # shows nobody, and only a demonstration has it
@require_http_methods(["GET", "POST"])
def gallery(request: HttpRequest) -> HttpResponse:
    form = GalleryForm(request.POST, request.FILES) if request.method == "POST" else GalleryForm()
    if request.method == "POST" and form.is_valid():
        messages.success(request, "Saved.")
    context = {
        "form": form,
        "at": AT,
        "clocks_change": CLOCKS_CHANGE,
        "page": Paginator(range(95), 10).page(4),
        "breadcrumbs": [{"text": "Home", "href": "/"}, {"text": "Components"}],
        "phase": "Alpha",
    }
    return render(request, "web/gallery.html", context)
