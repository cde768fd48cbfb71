"""Whatever ends one credential of an account ends all of them; people see and end their own."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from milepost.service.accounts import credentials
from milepost.service.accounts.actions import own, signing_in
from milepost.service.accounts.actions import users as actions
from milepost.service.accounts.models import Invitation, PasskeyChallenge, User, UserSession
from milepost.service.accounts.openid_settings import OpenIdSettings
from milepost.service.accounts.roles import Role
from milepost.service.api.actions.tokens import make_token
from milepost.service.api.models import ApiToken
from milepost.service.audit.models import Entry
from tests.service.accounts.conftest import PASSWORD, is_in

pytestmark = pytest.mark.django_db
NEW = "quite-another-long-one"


def ask(token: str, path: str = "/api/v1/me") -> int:
    return Client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code


class Everything:
    """One credential of each kind of one user."""

    def __init__(self, user: User, signed_in) -> None:
        self.user, self.session = user, signed_in(user)
        # Anew, as a request would read it: what this test holds of the user may be older.
        user.refresh_from_db()
        self.token = make_token(by=user, name="weekly list", scopes=["people:read"], days=7)[1]
        self.link = actions._new_invitation(user, user)
        PasskeyChallenge.objects.create(
            user=user, purpose="confirm", challenge="x", credentials_round=user.credentials_round,
            expires_utc=timezone.now(),
        )  # fmt: skip
        self.half_way = Client()
        self.half_way.post("/sign-in", {"email": user.email, "password": PASSWORD})

    def good(self) -> dict[str, bool]:
        return {
            "session": is_in(self.session),
            "token": ask(self.token) == 200,
            "invitation": Client().get(f"/invitation/{self.link}").status_code == 200,
            "challenge": PasskeyChallenge.objects.filter(user=self.user).exists(),
            "half a sign-in": self.half_way.get("/sign-in/set-up").status_code == 200,
        }


@pytest.fixture
def nora(world, settings) -> User:
    settings.SECOND_FACTOR_REQUIRED = True
    world.nora.set_password(PASSWORD)
    world.nora.save()
    return world.nora


def change_password(user, admin, signed_in):
    signed_in(user).post("/account/password", {"password": NEW, "again": NEW})


def end_everything_else(user, admin, signed_in):
    signed_in(user).post("/account/end-everything-else")


def accept_invitation(user, admin, signed_in):
    found = own.find_invitation(actions._new_invitation(user, user))
    assert found is not None
    own.accept_invitation(invitation=found, password=NEW)


def sign_out_everywhere(user, admin, signed_in):
    actions.sign_out_everywhere(by=admin, user=user)


def reset_second_factor(user, admin, signed_in):
    actions.reset_second_factor(by=admin, user=user)


def change_role(user, admin, signed_in):
    actions.change_user(by=admin, user=user, name=user.name, role=Role.SENIOR_PRACTITIONER, team=user.team)


def change_role_by_the_provider(user, admin, signed_in):
    provider = OpenIdSettings(
        "https://id.example", "a", "b", "Id", False, "roles", {"spo": Role.SENIOR_PRACTITIONER}
    )
    claims = {"sub": "s-1", "email": user.email, "email_verified": True, "roles": "spo"}
    signing_in.user_of_claims(provider, claims)


def deactivate_and_activate(user, admin, signed_in):
    actions.deactivate(by=admin, user=user)
    actions.activate(by=admin, user=user)


@pytest.mark.parametrize(
    "end",
    [
        change_password, end_everything_else, accept_invitation, sign_out_everywhere, reset_second_factor, change_role,
        change_role_by_the_provider, deactivate_and_activate,
    ],
)  # fmt: skip
def test_all_of_them_end_together(world, nora, signed_in, end):
    everything, others = Everything(nora, signed_in), signed_in(world.sam)
    assert set(everything.good().values()) == {True}
    end(nora, world.users[Role.ADMINISTRATOR], signed_in)
    assert {name for name, good in everything.good().items() if good} == set()
    assert is_in(others), "nobody else's"
    ended = Entry.objects.filter(details__has_key="api_tokens").latest("number").details
    assert ended["api_tokens"] == 1, "the log says what ended"


def test_the_own_session_goes_on_under_a_new_key_and_must_confirm_anew(nora, signed_in):
    here = signed_in(nora)
    key = here.session.session_key
    end_everything_else(nora, None, lambda user: here)
    assert is_in(here)
    assert here.session.session_key != key
    assert here.get("/api/tokens/new").status_code == 302


def test_what_was_being_made_while_the_others_ended_is_void(nora, signed_in):
    """A request that had begun with the old session finishes after it ended: its token is of the old round."""
    as_the_request_knows_them = User.objects.get(pk=nora.pk)
    actions.sign_out_everywhere(by=User.objects.get(role=Role.ADMINISTRATOR), user=nora)
    _row, whole = make_token(by=as_the_request_knows_them, name="made too late", scopes=[], days=7)
    assert ask(whole) == 401
    assert "made too late" not in signed_in(User.objects.get(pk=nora.pk)).get("/account/").text


def test_sessions_of_which_no_list_knows_end_too(nora, signed_in):
    forgotten = signed_in(nora)
    UserSession.objects.filter(user=nora).delete()
    actions.sign_out_everywhere(by=User.objects.get(role=Role.ADMINISTRATOR), user=nora)
    assert not is_in(forgotten)


def test_a_role_that_lost_something_took_it_from_tokens(world):
    """By a change that went round the actions, so that the token itself still stands."""
    _row, whole = make_token(by=world.nora, name="x", scopes=["people:read", "risk:score"], days=7)
    assert ask(whole, "/api/v1/people") == 200
    User.objects.filter(pk=world.nora.pk).update(role=Role.AUDITOR)
    assert ask(whole, "/api/v1/people") == 403
    assert ask(whole) == 200


def test_people_see_what_acts_as_them_and_end_each(world, nora, signed_in):
    here, there = signed_in(nora), signed_in(nora)
    row, whole = make_token(by=nora, name="Weekly list", scopes=[], days=7, made_in="Firefox, Linux")
    page = here.get("/account/").text
    assert "Weekly list" in page
    assert "Firefox, Linux" in page
    assert ask(whole) == 200
    here.post(f"/account/end/api_tokens/{row.pk}")
    assert ask(whole) == 401
    assert "Weekly list" not in here.get("/account/").text
    assert Entry.objects.latest("number").what == "api_token.revoke"
    assert here.post("/account/end/nonsense/1").status_code == 404
    assert here.post("/account/end/passkey_challenges/1").status_code == 404
    admin = signed_in(world.users[Role.ADMINISTRATOR], confirmed=False)
    row, whole = make_token(by=nora, name="Another", scopes=[], days=7)
    page = admin.get(f"/users/{nora.pk}").text
    assert "Another" in page
    session = re.findall(rf"/users/{nora.pk}/end/sessions/(\d+)", page)
    admin.post(f"/users/{nora.pk}/end/api_tokens/{row.pk}")
    for pk in session:
        admin.post(f"/users/{nora.pk}/end/sessions/{pk}")
    assert (ask(whole), is_in(here), is_in(there)) == (401, False, False)


def test_to_end_the_session_that_asks_is_to_sign_out(world, signed_in):
    here = signed_in(world.nora)
    own = UserSession.objects.get(user=world.nora).pk
    assert here.post(f"/account/end/sessions/{own}").headers["Location"] == "/sign-in"
    assert not is_in(here)


def test_nobody_ends_what_is_somebody_elses(world, signed_in):
    row, whole = make_token(by=world.nora, name="x", scopes=[], days=7)
    sam = signed_in(world.sam)
    sam.post(f"/account/end/api_tokens/{row.pk}")
    assert sam.post(f"/users/{world.nora.pk}/end/api_tokens/{row.pk}").status_code == 403
    assert ask(whole) == 200
    Invitation.objects.create(user=world.nora, secret_sha256="x", expires_utc=timezone.now())
    sam.post(f"/account/end/invitations/{Invitation.objects.get().pk}")
    assert Invitation.objects.get().used_utc is None


LOOKS_LIKE_ONE = re.compile(r"secret|token|digest|sha256|challenge|password|session|credential")
NOT_CREDENTIALS = {
    "accounts.SecondFactor": "a factor: it proves who somebody is and lets nobody in alone; a reset takes it away",
    "accounts.RecoveryCode": "a factor, as above",
    "accounts.Passkey": "a factor, as above",
    "algorithms.OutcomeFile": "the digest of a file",
    "orders.Document": "the digest of a file",
    "orders.Upload": "the digest of a file",
    "orders.ToCheck": "the digest of a part of an import",
    "signals.QuarantinedMessage": "the digest of a message",
    "api.Repeat": "the key under which a request may be repeated lets nobody in",
    "api.Webhook": "its secret signs what we send: nobody comes in with it",
    "signals.IngestToken": "a device's or a gateway's, not the person's who made it: it has an end of its own",
}


def test_whatever_looks_like_a_credential_is_registered():
    """A new kind must say how it ends, or here why it is none."""
    known = {kind.model for kind in credentials.kinds()}
    like = {
        model._meta.label
        for model in apps.get_models()
        if any(field.related_model is User for field in model._meta.fields)
        and any(LOOKS_LIKE_ONE.search(field.name) for field in model._meta.fields if not field.is_relation)
    }
    assert {ApiToken._meta.label, "accounts.UserSession", "accounts.Invitation"} <= known
    assert like - known - NOT_CREDENTIALS.keys() == set(), (
        "register it with accounts.credentials, or say why not"
    )
    assert NOT_CREDENTIALS.keys() - like == set()
