"""The API attacked by its own description, as each role: what is described is what is answered, and nothing fails.

Half of the well-formed requests name records that are there; else nearly all answers would be "no such record".
"""

from __future__ import annotations

from collections import Counter

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from milepost.service.accounts.roles import Role
from tests.service.api.cases import _absence, _activation, _draft, _waiting
from tests.service.api.conftest import Caller
from tests.service.world import World

# A value can have the right shape and still be refused: 409, 412 and 422 say why. 404: another's record.
ALLOWED = ["2xx", "401", "403", "404", "409", "412", "422"]
CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ALLOWED},
        # Who has no right is told so before anything else is looked at.
        "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "406", "412", "415", "422", "5xx"]},
        "missing_required_header": {"expected-statuses": ["401", "403", "404", "422"]},
    }
}  # fmt: skip
EXAMPLES = 10
"""For each operation and kind of request; whose token is sent is drawn too."""


def real_records(world: World) -> dict[str, object]:
    waiting = _waiting(world, world.ada)
    return {
        "person": world.ada.reference,
        "order": _draft(world, world.ada).order.reference,
        "version": 2,
        "activation": _activation(world, world.ada).reference,
        "absence": _absence(world, world.ada).pk,
        "incident": waiting.incident_id,
        "decision": waiting.pk,
        "key": "tier",
    }


@pytest.mark.any_database  # its requests end, and close the connection that holds the test's transaction
@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
def test_what_is_described_is_what_is_answered(mode, world, signed_in):
    tokens = {role: Caller(world.users[role]).whole for role in Role}
    real = real_records(world)
    document = signed_in(world.users[Role.ADMINISTRATOR]).get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = get_wsgi_application()
    tried = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()

        @seed(1)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=operation.as_strategy(generation_mode=mode),
            use_real=st.booleans(),
            role=st.sampled_from(list(Role)),
        )
        def attack(case, use_real, role):
            tried[role] += 1
            if use_real and case.meta.generation.mode is GenerationMode.POSITIVE:
                case.path_parameters = {n: real.get(n, v) for n, v in (case.path_parameters or {}).items()}
            case.call_and_validate(headers={"Authorization": f"Bearer {tokens[role]}"})

        attack()
    assert all(tried[role] > 20 for role in Role), tried
