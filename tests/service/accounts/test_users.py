"""What the administrator does, and what nobody may do."""

from __future__ import annotations

import html
import re
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from milepost.service.accounts.actions import users as actions
from milepost.service.accounts.models import SecondFactor, Team, User
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from tests.service.accounts.conftest import is_in

pytestmark = pytest.mark.django_db
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def admin(world) -> User:
    return world.users[Role.ADMINISTRATOR]


@pytest.fixture
def as_admin(admin, signed_in) -> Client:
    return signed_in(admin)


def link_in(page: str) -> str:
    return html.unescape(re.search(r"http://testserver(/invitation/[\w-]+)", page)[1])


def test_a_user_is_added_with_a_link_shown_once(as_admin, admin, world):
    values = {"name": "Ola Test", "email": "Ola@example.org", "role": "practitioner", "team": world.south.pk}
    page = as_admin.post("/users/add", values)
    assert Client().get(link_in(page.text)).status_code == 200
    user = User.objects.get(email="ola@example.org")
    assert (user.role, user.team, user.has_usable_password()) == ("practitioner", world.south, False)
    rows = world.entries().filter(operation="alteration")
    assert [(r.what, r.actor, r.details["user"]) for r in rows] == [
        ("user.add", admin.audit_name, user.pk), ("user.invite", admin.audit_name, user.pk),
    ]  # fmt: skip
    assert "Ola" not in str([r.details for r in rows])
    again = as_admin.post("/users/add", values | {"email": "OLA@EXAMPLE.ORG"})
    assert "Somebody has an account with this e-mail address already" in again.text


def test_another_role_signs_out_and_is_logged(as_admin, admin, world, signed_in):
    nora = signed_in(world.nora)
    values = {"name": world.nora.name, "role": "senior_practitioner", "team": world.north.pk}
    assert as_admin.post(f"/users/{world.nora.pk}/change", values).status_code == 302
    assert not is_in(nora)
    entry = Entry.objects.get(what="user.change")
    assert (entry.details["before"]["role"], entry.details["after"]["role"]) == (
        "practitioner",
        "senior_practitioner",
    )


def test_nobody_changes_their_own_role(as_admin, admin):
    page = as_admin.post(f"/users/{admin.pk}/change", {"name": "x", "role": "monitoring_officer"})
    assert "Nobody can change their own role" in page.text
    admin.refresh_from_db()
    assert admin.role == "administrator"
    assert f"/users/{admin.pk}/change" not in as_admin.get(f"/users/{admin.pk}").text


@pytest.mark.parametrize("act", ["deactivate", "invite", "reset-second-factor"])
def test_nobody_does_this_to_themselves(as_admin, admin, world, act):
    assert as_admin.post(f"/users/{admin.pk}/do/{act}").status_code == 302
    admin.refresh_from_db()
    assert admin.is_active
    assert not world.entries().filter(operation="alteration").exists()


def test_the_last_administrator_stays(world, admin):
    other = User.objects.create_user("b@example.org", name="B", role=Role.ADMINISTRATOR)
    actions.deactivate(by=admin, user=other)
    actions.activate(by=admin, user=other)
    actions.deactivate(by=other, user=admin)
    for attempt in (
        lambda: actions.deactivate(by=other, user=other),
        lambda: actions.deactivate(by=admin, user=other),  # an administrator put out of use in the meantime
        lambda: actions.change_user(by=admin, user=other, name="B", role=Role.AUDITOR, team=None),
    ):
        with pytest.raises(Refused):
            attempt()
    assert actions.active_administrators() == {other.pk}


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_deactivate_each_other_leave_one(world, admin):
    if connection.vendor == "sqlite":
        pytest.skip("an embedded database in memory has one writer")
    other = User.objects.create_user("b@example.org", name="B", role=Role.ADMINISTRATOR)

    def act(by: User, user: User) -> None:
        try:
            actions.deactivate(by=by, user=user)
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=pair) for pair in ((admin, other), (other, admin))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(actions.active_administrators()) == 1


def test_deactivating_ends_sessions_at_once_and_activating_lets_back_in(as_admin, world, signed_in):
    nora = signed_in(world.nora)
    page = as_admin.get(f"/users/{world.nora.pk}/do/deactivate")
    assert "Deactivate the account" in page.text
    assert is_in(nora), "to ask changes nothing"
    as_admin.post(f"/users/{world.nora.pk}/do/deactivate")
    assert not is_in(nora)
    as_admin.post(f"/users/{world.nora.pk}/do/activate")
    world.nora.refresh_from_db()
    assert world.nora.is_active


def test_second_factor_reset_and_sign_out_end_sessions(as_admin, world, signed_in):
    SecondFactor.objects.create(user=world.nora, secret="x")
    nora = signed_in(world.nora)
    as_admin.post(f"/users/{world.nora.pk}/do/reset-second-factor")
    assert not SecondFactor.objects.filter(user=world.nora).exists()
    assert not is_in(nora)
    nora = signed_in(world.nora)
    as_admin.post(f"/users/{world.nora.pk}/do/sign-out")
    assert not is_in(nora)
    assert set(world.entries().values_list("what", flat=True)) == {"second_factor.reset", "credentials.end"}


def test_a_new_link_is_for_an_active_account_only(as_admin, world):
    assert Client().get(link_in(as_admin.post(f"/users/{world.nora.pk}/do/invite").text)).status_code == 200
    as_admin.post(f"/users/{world.nora.pk}/do/deactivate")
    assert as_admin.post(f"/users/{world.nora.pk}/do/invite").status_code == 302
    assert as_admin.post(f"/users/{world.nora.pk}/do/nonsense").status_code == 404


@pytest.mark.parametrize("act", [
    lambda nora: actions.add_user(by=nora, email="x@example.org", name="X", role=Role.AUDITOR),
    lambda nora: actions.invite(by=nora, user=nora),
    lambda nora: actions.change_user(by=nora, user=nora, name="X", role=Role.AUDITOR, team=None),
    lambda nora: actions.reset_second_factor(by=nora, user=nora),
    lambda nora: actions.sign_out_everywhere(by=nora, user=nora),
    lambda nora: actions.save_team(by=nora, team=None, name="X", area=""),
])  # fmt: skip
def test_actions_themselves_refuse_others(world, act):
    with pytest.raises(Refused):
        act(world.nora)


def test_teams_are_added_and_renamed(as_admin, world):
    assert as_admin.post("/teams/add", {"name": "East", "area": "Coast"}).status_code == 302
    east = Team.objects.get(name="East")
    as_admin.post(f"/teams/{east.pk}", {"name": "Far East"})
    assert Team.objects.get(pk=east.pk).name == "Far East"
    assert "There is a team with this name already" in as_admin.post("/teams/add", {"name": "North"}).text


def test_users_are_found_by_name_or_address(as_admin):
    page = as_admin.get("/users/", {"q": "SAM@"}).text
    assert "Sam South" in page
    assert 'value="SAM@"' in page
    assert 'type="search" value=""' in as_admin.get("/users/").text
    assert "Test auditor" not in page
    assert "Nobody fits" in as_admin.get("/users/", {"q": "nobody at all"}).text


def test_stored_scripts_stay_text(as_admin, world):
    Team.objects.filter(pk=world.north.pk).update(name=SCRIPT, area=SCRIPT)
    User.objects.filter(pk=world.nora.pk).update(name=SCRIPT)
    for path in ("/users/", f"/users/{world.nora.pk}", f"/users/{world.nora.pk}/change", "/teams/",
                 f"/teams/{world.north.pk}", f"/users/{world.nora.pk}/do/deactivate"):  # fmt: skip
        page = as_admin.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert "<script>alert" not in as_admin.get("/users/", {"q": SCRIPT}).text
    assert "<script>alert" not in as_admin.post(f"/users/{world.nora.pk}/do/invite").text


def test_the_first_administrator_is_made_at_the_terminal(db, monkeypatch):
    out = StringIO()
    call_command(
        "make_admin",
        "--base",
        "https://milepost.example.org",
        email="root@example.org",
        name="Ro",
        stdout=out,
    )
    path = re.search(r"https://milepost.example.org(/invitation/\S+)", out.getvalue())[1]
    assert Client().get(path).status_code == 200
    assert User.objects.get().role == Role.ADMINISTRATOR
    assert Entry.objects.first().actor == "command:make_admin"
    monkeypatch.setenv("MILEPOST_ADMIN_EMAIL", "root@example.org")
    monkeypatch.setenv("MILEPOST_ADMIN_NAME", "Ro")
    with pytest.raises(CommandError, match="already"):
        call_command("make_admin")
    monkeypatch.setenv("MILEPOST_ADMIN_EMAIL", "not an address")
    with pytest.raises(CommandError, match="valid email"):
        call_command("make_admin")
    monkeypatch.delenv("MILEPOST_ADMIN_EMAIL")
    monkeypatch.setattr("builtins.input", lambda question: "")
    with pytest.raises(CommandError, match="Nothing was entered"):
        call_command("make_admin")
