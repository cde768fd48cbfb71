from __future__ import annotations

from milepost.service.accounts.roles import Role
from milepost.service.orders.models import Activation, Device
from milepost.service.signals.models import IngestToken, QuarantinedMessage
from tests.service.walk.cases import View
from tests.service.world import FITTED, World

_DOOR = {"own_tests": "signals/test_ingest.py", "anonymous_status": 401}
OFFICER, SUPERVISOR, ADMINISTRATOR = (
    Role.MONITORING_OFFICER,
    Role.MONITORING_SUPERVISOR,
    Role.ADMINISTRATOR,
)
_made = 0


def make_message(device_id: str = "tag-1", **more: object) -> QuarantinedMessage:
    problem = {"row": 1, "field": "lat", "message": "Out of range", "remedy": "Mend it.", "severity": "error"}
    values = {
        "received_us": 1_773_500_400_000_000, "format": "traccar", "raw": b"{", "sha256": "0" * 64,
        "problems": [problem], "first_problem": "Out of range", "device_id": device_id, **more,
    }  # fmt: skip
    return QuarantinedMessage.objects.create(**values)


def make_token(**more: object) -> IngestToken:
    global _made
    _made += 1
    values = {"why_any_device": "The only gateway", **more}
    return IngestToken.objects.create(name="Gateway", prefix=f"walk{_made}", secret_sha256="0" * 64, **values)


def one(world: World) -> dict:
    return {"pk": make_message().pk}


def of_a_restricted_person(world: World) -> dict:
    device = Device.objects.create(device_id="tag-of-cy", kind="tag")
    Activation.objects.create(reference="A-cy", device=device, person=world.cy, from_utc=FITTED)
    return {"pk": make_message("tag-of-cy").pk}


def a_token(world: World) -> dict:
    return {"pk": make_token().pk}


def a_list(world: World) -> dict:
    """An empty list needs a query less: there is something on it from the start."""
    make_message(token=make_token())
    return {}


def more_messages(world: World) -> None:
    for _ in range(8):
        make_message(token=make_token())


VIEWS = {
    "ingest:osmand": View(**_DOOR),
    "ingest:owntracks": View(**_DOOR),
    "ingest:traccar": View(**_DOOR),
    "ingest:overland": View(**_DOOR),
    "ingest:ndjson": View(**_DOOR),
    "ingest:arrow": View(**_DOOR),
    "signals:quarantine": View(right=[OFFICER, SUPERVISOR], args=a_list, more=more_messages),
    "signals:message": View(right=[OFFICER, SUPERVISOR], args=one, other_team=of_a_restricted_person),
    "signals:replay": View(
        right=[SUPERVISOR], method="post", args=one, other_team=of_a_restricted_person, status=302
    ),
    "signals:replay-all": View(right=[SUPERVISOR], method="post", status=302),
    "signals:set-aside": View(right=[SUPERVISOR], args=one, other_team=of_a_restricted_person),
    "signals:tokens": View(
        right=[SUPERVISOR, ADMINISTRATOR], args=a_list, more=lambda world: [make_token() for _ in range(8)]
    ),
    "signals:token-new": View(right=[SUPERVISOR, ADMINISTRATOR]),
    "signals:token-revoke": View(right=[SUPERVISOR, ADMINISTRATOR], args=a_token),
}
