"""What this app adds to the service."""

from __future__ import annotations

from milepost.service.kit.declaration import Addresses, Capability

CAPABILITY = Capability(
    addresses=(Addresses("", "milepost.service.web.urls"),),
)
