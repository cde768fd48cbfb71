"""Devices that send and are not on the register: shown where staff look, with the one that is perhaps meant."""

from __future__ import annotations

import pytest

from milepost.service.accounts.roles import Role
from milepost.service.orders.models import Activation, Device
from milepost.service.signals.models import Sender
from tests.service.walk.signals import FITTED, make_message

pytestmark = pytest.mark.django_db
HEARD_US = 1_773_500_400_000_000


@pytest.fixture
def page(world, signed_in):
    client = signed_in(world.users[Role.MONITORING_SUPERVISOR])

    def text(path: str = "") -> str:
        return client.get(f"/signals/quarantine{path}").content.decode()

    return text


def test_a_device_that_is_written_otherwise_is_shown_with_the_one_that_is_meant(world, page):
    Device.objects.create(device_id="TAG-007", kind="tag", state="fitted")
    Sender.objects.create(device_id="tag 7", last_received_us=HEARD_US)
    Sender.objects.create(device_id="tag-1", last_received_us=HEARD_US)  # on the register
    text = page()
    shown = text[text.index("Devices that are not on the register") :].split("</table>")[0]
    assert "tag 7" in shown
    assert "TAG-007" in shown
    assert ">tag-1<" not in shown


def test_the_next_number_of_a_series_is_somebody_elses(world, page):
    """And of two that are written alike nobody knows which."""
    for device in ("TAG-204418", "TAG-9", "tag 9"):
        Device.objects.create(device_id=device, kind="tag", state="fitted")
    Sender.objects.create(device_id="TAG-204417", last_received_us=HEARD_US)
    Sender.objects.create(device_id="TAG 09", last_received_us=HEARD_US)
    text = page()
    assert "TAG-204417" in text
    assert "TAG-204418" not in text
    assert "tag 9" not in text


def test_nothing_is_shown_where_every_sender_is_known(world, page):
    Sender.objects.create(device_id="tag-1", last_received_us=HEARD_US)
    Sender.objects.create(device_id="never-sent", last_received_us=0)
    assert "not on the register" not in page()


def test_a_device_of_somebody_restricted_is_never_suggested(world, page):
    device = Device.objects.create(device_id="CY-TAG-1", kind="tag", state="fitted")
    Activation.objects.create(reference="A-cy", device=device, person=world.cy, from_utc=FITTED)
    Sender.objects.create(device_id="cy tag 1", last_received_us=HEARD_US)
    text = page()
    assert "cy tag 1" in text
    assert "CY-TAG-1" not in text


def test_a_message_of_an_unknown_device_says_which_is_perhaps_meant(world, page):
    Device.objects.create(device_id="TAG-007", kind="tag", state="fitted")
    text = page(f"/{make_message('tag-7').pk}")
    assert "it is not on the register" in text
    assert "TAG-007" in text
    assert "not on the register" not in page(f"/{make_message('tag-1').pk}")
