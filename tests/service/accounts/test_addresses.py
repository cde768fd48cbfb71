"""What limits count for an address."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from milepost.service.accounts.addresses import counted_as
from milepost.service.accounts.attempts import client_address


@pytest.mark.parametrize(("address", "counted"), [
    ("192.0.2.1", "192.0.2.1"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
    ("::FFFF:C000:0201", "192.0.2.1"),
    ("192.0.2.1:4711", "192.0.2.1"),
    ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
    ("2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
    ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
    ("fe80::1%eth0", "fe80::/64"),
    ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ("", ""),
    ("unknown", "unknown"),
])  # fmt: skip
def test_an_address_counts_as_its_network(address, counted):
    assert counted_as(address) == counted


def test_behind_a_proxy_too(settings):
    settings.TRUST_PROXY = True
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "10.0.0.1, 2001:db8:1:2:a:b:c:d"})
    assert client_address(request) == "2001:db8:1:2::/64"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(lambda i: f"2001:db8:0:1::{i + 1:x}", id="one-network"),
        pytest.param(
            lambda i: "::ffff:192.0.2.1" if i % 2 else "192.0.2.1", id="one-address-written-two-ways"
        ),
    ],
)
def test_another_address_of_the_same_network_gets_no_more_attempts(db, settings, address):
    settings.DEMO = False  # so that it answers more addresses than loopback
    tries = [Client(REMOTE_ADDR=address(i)).get(f"/invitation/x{i}").status_code for i in range(61)]
    assert tries == [404] * 60 + [429]
