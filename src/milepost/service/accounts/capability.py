"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.accounts.roles import Role
from milepost.service.kit.declaration import Addresses, Capability, Entry, FirstPage, Retention

CAPABILITY = Capability(
    addresses=(Addresses("", "milepost.service.accounts.urls"),),
    navigation=(
        Entry(
            _("Users"),
            "accounts:users",
            P.MANAGE_USERS,
            100,
            covers=tuple(
                f"accounts:{view}"
                for view in (
                    "users",
                    "user",
                    "add-user",
                    "change-user",
                    "user-act",
                    "teams",
                    "team",
                    "add-team",
                )
            ),
        ),
    ),
    first_pages=(FirstPage("accounts:users", (Role.ADMINISTRATOR,), 10),),
    retention=(
        Retention("sessions", _("Ended sessions"), "milepost.service.accounts.retention:sessions"),
        Retention(
            "sign_in_attempts", _("Attempts to sign in"), "milepost.service.accounts.retention:attempts"
        ),
    ),
    audit={
        "credentials.end": _("Ended every session, token and link of an account"),
        "identity.confirm": _("Confirmed who they are, before a sensitive action"),
        "openid.link": _("Signed in through the identity provider for the first time"),
        "passkey.add": _("Added a passkey"),
        "passkey.remove": _("Removed a passkey"),
        "password.change": _("Changed their own password"),
        "password.set": _("Set their password with an invitation link"),
        "recovery_codes.make": _("Got new recovery codes"),
        "second_factor.reset": _("Reset somebody's second factor"),
        "second_factor.set_up": _("Set up an app as second factor"),
        "session.end": _("A session was ended"),
        "sign_in": _("Signed in"),
        "sign_in.failed": _("Somebody failed to sign in"),
        "sign_in.too_many": _("Too many attempts to sign in"),
        "sign_out": _("Signed out"),
        "team.add": _("Added a team"),
        "team.change": _("Changed a team"),
        "user.activate": _("Activated an account"),
        "user.add": _("Added an account"),
        "user.change": _("Changed an account's name, role or team"),
        "user.deactivate": _("Deactivated an account"),
        "user.invitation_end": _("Ended an invitation link"),
        "user.invite": _("Created an invitation link"),
        "record.not_there": _("Asked for a record they may not see"),
        "view.denied": _("Asked for a page their role does not include"),
        "view.named": _("A page named people, and its own entry was missing"),
    },
)
