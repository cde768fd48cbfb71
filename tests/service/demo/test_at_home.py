"""The demo's doors answer to whoever sits at the machine, and to nobody else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.demo import tour

PAGES = [reverse("demo:front"), reverse("demo:tour")]
POSTS = [reverse("demo:sign-in"), reverse("demo:step"), reverse("demo:hide")]


@pytest.fixture
def demo_users(world):
    User.objects.update(is_demo=True)
    return world


def at_home(**more: str) -> Client:
    return Client(REMOTE_ADDR="127.0.0.1", headers={"host": "127.0.0.1:8000"}, **more)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_pages_are_there_at_home(page, address, demo_users):
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
        assert Client(REMOTE_ADDR=address, headers={"host": host}).get(page).status_code == 200


def test_who_is_named_on_the_tour_is_in_the_log(demo_users, monkeypatch):
    monkeypatch.setattr(tour, "_late_reference", lambda: demo_users.ada.reference)
    assert demo_users.ada.name in at_home().get(reverse("demo:tour")).text
    entry = demo_users.entries().get()
    assert (entry.what, entry.details["shown"]) == ("demo.tour", [demo_users.ada.reference])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.2", "2001:db8::1", "127.0.0.1.example.org", ""])
def test_other_addresses_find_nothing(page, address, demo_users):
    assert Client(REMOTE_ADDR=address, headers={"host": "localhost"}).get(page).status_code == 404


@pytest.mark.parametrize("address", POSTS)
def test_nobody_elsewhere_can_sign_in(address, demo_users):
    client = Client(REMOTE_ADDR="10.0.0.7", headers={"host": "localhost"})
    answer = client.post(address, {"role": "auditor", "step": "5"})
    assert answer.status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via"])
def test_what_was_forwarded_came_from_elsewhere(header, demo_users):
    client = Client(REMOTE_ADDR="127.0.0.1", headers={"host": "localhost", header: "127.0.0.1"})
    assert client.get(PAGES[0]).status_code == 404
    assert Client(REMOTE_ADDR="10.0.0.7", headers={"host": "localhost", header: "127.0.0.1"}).get(
        PAGES[0]
    ).status_code == 404  # fmt: skip


def test_another_name_for_this_machine_is_not_enough(demo_users, settings):
    """A page elsewhere whose name was pointed at 127.0.0.1 (DNS rebinding)."""
    settings.ALLOWED_HOSTS = ["*"]
    assert Client(REMOTE_ADDR="127.0.0.1", headers={"host": "evil.example"}).get(PAGES[0]).status_code == 404


def test_signing_in_needs_the_forms_token(demo_users):
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR="127.0.0.1", headers={"host": "localhost"})
    assert client.post(reverse("demo:sign-in"), {"role": "auditor"}).status_code == 403


def test_outside_demo_mode_the_addresses_do_not_exist():
    code = (
        "import django; django.setup()\n"
        "from django.urls import get_resolver, resolve, Resolver404\n"
        "for path in ('/demo/', '/demo/sign-in', '/demo/tour'):\n"
        "    try: resolve(path)\n"
        "    except Resolver404: continue\n"
        "    raise SystemExit(f'{path} is there')\n"
    )
    environment = {
        "DJANGO_SETTINGS_MODULE": "milepost.service.settings", "MILEPOST_SECRET_KEY": "x" * 60,
        "MILEPOST_HOSTS": "milepost.example.org", "PATH": os.environ["PATH"],
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("role", list(Role))
def test_one_click_signs_in_as_a_role(role, demo_users):
    client = at_home()
    answer = client.post(reverse("demo:sign-in"), {"role": role})
    assert answer.status_code == 302
    assert User.objects.get(pk=client.session["_auth_user_id"]).role == role


def test_only_users_of_the_demo_can_be_signed_in(world):
    client = at_home()
    assert client.post(reverse("demo:sign-in"), {"role": "auditor"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_signing_in_does_not_lead_away(demo_users):
    answer = at_home().post(reverse("demo:sign-in"), {"role": "auditor", "next": "https://evil.example/"})
    assert answer.headers["Location"] == reverse("accounts:home")


def test_each_step_signs_in_and_the_panel_follows(demo_users):
    client = at_home()
    for step in tour.STEPS:
        answer = client.post(reverse("demo:step"), {"step": step.number})
        assert answer.headers["Location"] == tour.address_of(step)
        answer = client.get(reverse("accounts:account"))
        assert User.objects.get(pk=client.session["_auth_user_id"]).role == step.role
        assert f"step {step.number} of {len(tour.STEPS)}" in answer.content.decode()


def test_the_panel_goes_and_comes_back(demo_users):
    client = at_home()
    client.post(reverse("demo:step"), {"step": 1})
    page = reverse("accounts:account")
    assert "milepost-tour" in client.get(page).content.decode()
    answer = client.post(reverse("demo:hide"), {"next": page})
    assert answer.headers["Location"] == page
    assert "milepost-tour" not in client.get(page).content.decode()
    client.post(reverse("demo:step"), {"step": 2})
    assert "milepost-tour" in client.get(page).content.decode()


@pytest.mark.parametrize("step", ["", "0", str(len(tour.STEPS) + 1), "-1", "two", "٣", "99999"])
def test_a_step_that_is_none_is_not_there(step, demo_users):
    assert at_home().post(reverse("demo:step"), {"step": step}).status_code == 404


def test_the_sign_in_page_shows_the_way(db):
    assert reverse("demo:front") in Client().get(reverse("accounts:sign-in")).content.decode()
