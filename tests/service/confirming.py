"""As if somebody had just confirmed who they are: grave acts ask nothing then."""

from __future__ import annotations

import time

from django.test import Client

from milepost.service.accounts.confirmed import CONFIRMED
from milepost.service.accounts.models import User


def confirm_now(client: Client, user: User) -> None:
    session = client.session
    session[CONFIRMED] = {"at_s": time.time(), "round": user.credentials_round}
    session.save()
