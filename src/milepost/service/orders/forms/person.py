"""Whom something is about, by reference."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.models import User
from milepost.service.accounts.unseen import log_unseen
from milepost.service.people.models import Person
from milepost.service.web.forms import Form


class PersonForm(Form):
    """``door``: what was tried, for the log of references that the user does not see."""

    door: ClassVar[str]
    person = forms.CharField(
        label=_("Reference of the person"), help_text=_("For example P000123"), max_length=40,
        widget=forms.TextInput(attrs={"width": "10", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_person(self) -> Person:
        reference = self.cleaned_data["person"].strip()
        person = Person.objects.visible_to(self.user).filter(reference__iexact=reference).first()
        if person is None:
            log_unseen(self.user, self.door, [reference])
            raise forms.ValidationError(_("There is nobody with this reference among the people you can see"))
        return person
