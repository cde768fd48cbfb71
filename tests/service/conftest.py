from __future__ import annotations

import pytest
from django.test import Client

from milepost.service.accounts.models import User
from tests.service.world import World, make_world


@pytest.fixture
def world(db) -> World:
    return make_world()


@pytest.fixture
def signed_in():
    """A function: a client in which a user is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
