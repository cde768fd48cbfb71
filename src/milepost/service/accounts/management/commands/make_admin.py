"""The first administrator. Prints an invitation link: the password is set on the service's own page."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from milepost.service.accounts.actions.users import add_user
from milepost.service.accounts.actors import Machine
from milepost.service.accounts.roles import Role


class Command(BaseCommand):
    help = (
        "Makes an administrator and prints the link with which they set their password. Takes e-mail address and name "
        "from the options, from MILEPOST_ADMIN_EMAIL and MILEPOST_ADMIN_NAME, or asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email")
        parser.add_argument("--name")
        parser.add_argument("--base", help="How the service is reached, such as https://milepost.example.org")

    def handle(self, *args: Any, **options: Any) -> None:
        email = self._value(options["email"], "MILEPOST_ADMIN_EMAIL", "E-mail address: ")
        name = self._value(options["name"], "MILEPOST_ADMIN_NAME", "Full name: ")
        try:
            validate_email(email)
            _, secret = add_user(
                by=None,
                actor=Machine("command", "make_admin"),
                email=email,
                name=name,
                role=Role.ADMINISTRATOR,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        base = options["base"] or self._base()
        self.stdout.write("Open this link once, within three days, and set a password:")
        self.stdout.write(base.rstrip("/") + reverse("accounts:invitation", args=[secret]))

    @staticmethod
    def _value(option: str | None, variable: str, question: str) -> str:
        value = option or os.environ.get(variable, "")
        if not value:
            try:
                value = input(question)
            except EOFError:
                value = ""
        if not value.strip():
            raise CommandError(f"Nothing was entered. Give the option, or set {variable}.")
        return value.strip()

    @staticmethod
    def _base() -> str:
        if settings.CSRF_TRUSTED_ORIGINS:
            return str(settings.CSRF_TRUSTED_ORIGINS[0])
        return f"{'https' if settings.BEHIND_TLS else 'http'}://{settings.ALLOWED_HOSTS[0]}"
