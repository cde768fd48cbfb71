from __future__ import annotations

from dataclasses import dataclass

import pytest

from milepost.service.signals import rate, tokens
from milepost.service.signals.models import IngestToken
from milepost.service.signals.tokens import new_secret


@dataclass(frozen=True)
class Made:
    row: IngestToken
    whole: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.whole}"}


@pytest.fixture(autouse=True)
def nothing_remembered():
    tokens.forget()
    rate.forget()
    yield
    tokens.forget()
    rate.forget()


@pytest.fixture
def token(db):
    """A function: a token made straight in the database."""

    def make(device_id: str = "", device_prefix: str = "", **more) -> Made:
        prefix, whole, kept = new_secret()
        row = IngestToken.objects.create(
            name="test",
            prefix=prefix,
            secret_sha256=kept,
            device_id=device_id,
            device_prefix=device_prefix,
            **{"why_any_device": "The only gateway", **more},
        )
        return Made(row, whole)

    return make
