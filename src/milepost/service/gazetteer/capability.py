"""What this app adds to the service."""

from __future__ import annotations

from milepost.service.kit.declaration import Addresses, Capability, Command

HERE = "milepost.service.gazetteer"

CAPABILITY = Capability(
    addresses=(Addresses("gazetteer/", f"{HERE}.urls"),),
    commands=(
        Command(
            "gazetteer", f"{HERE}.commands:group", "Take in an area's address file; make the postcodes ready."
        ),
    ),
)
