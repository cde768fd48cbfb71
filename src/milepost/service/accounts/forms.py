"""The questions of signing in and of managing users."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.models import Team, User
from milepost.service.accounts.roles import Role
from milepost.service.web.forms import Form

LONGEST_PASSWORD = 256


def password_field(label: Any, autocomplete: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, strip=False, max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}), **more,
    )  # fmt: skip


def code_field(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}), **more
    )


class SignInForm(Form):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = password_field(_("Password"), "current-password")


class CodeForm(Form):
    code = code_field(_("Code"), help_text=_("Six digits from your authenticator app, or a recovery code"))


class SetUpForm(Form):
    code = code_field(_("Code from the app"), help_text=_("Six digits"))


class ConfirmForm(Form):
    """What is asked of somebody signed in, before a grave act: what they have of the two."""

    password = password_field(_("Your password"), "current-password")
    code = code_field(_("Code"), help_text=_("Six digits from your authenticator app, or a recovery code"))

    def __init__(self, *args: Any, asks_password: bool, asks_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, asks in (("password", asks_password), ("code", asks_code)):
            if not asks:
                del self.fields[name]


class PasskeyForm(Form):
    name = forms.CharField(
        label=_("What do you call it?"),
        max_length=60,
        help_text=_("So that you know it again, such as: work phone"),
    )
    passkey = forms.CharField(widget=forms.HiddenInput, required=False)


class NewPasswordForm(Form):
    password = password_field(_("New password"), "new-password", help_text=_(
        "At least 12 characters. Three words that do not belong together are good."))  # fmt: skip
    again = password_field(_("New password, once more"), "new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        values = self.cleaned_data if cleaned is None else cleaned
        password = values.get("password")
        if password and values.get("again") and values["again"] != password:
            self.add_error("again", _now("The two passwords differ."))
        if password:
            try:
                validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class UserForm(Form):
    name = forms.CharField(label=_("Full name"), max_length=100)
    telephone = forms.CharField(
        label=_("Telephone at work"), help_text=_("Printed for the people whom they supervise"), max_length=40,
        required=False,
    )  # fmt: skip
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("No team")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(r.value, r.facts.title) for r in Role]  # type: ignore[attr-defined]
        self.hints = {"role": {r.value: r.facts.purpose for r in Role}}  # type: ignore[misc]
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class AddUserForm(UserForm):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    field_order = ("name", "email", "telephone", "role", "team")


class TeamForm(Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    area = forms.CharField(label=_("Area"), max_length=100, required=False)


class SearchForm(Form):
    q = forms.CharField(label=_("Name or e-mail address"), max_length=100, required=False)
