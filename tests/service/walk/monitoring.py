from __future__ import annotations

from milepost.service.accounts.roles import Permission, Role
from milepost.service.monitoring import actions
from milepost.service.monitoring.models import CallBack, Decision, SavedView
from tests.service.monitoring.factory import MONDAY, at, late_incident, plain_incident
from tests.service.walk.cases import Queries, View
from tests.service.world import World


def having(permission: Permission) -> list[Role]:
    return [role for role in Role if permission in role.facts.permissions]


BOARD = having(Permission.VIEW_BOARD)
DECIDE = having(Permission.DECIDE_INCIDENTS)
SECOND = having(Permission.SECOND_DECISIONS)


def adas(world: World) -> dict[str, object]:
    return {"pk": late_incident(world).pk}


def adas_plain(world: World) -> dict[str, object]:
    return {"pk": plain_incident(world.ada).pk}


def not_theirs(world: World) -> dict[str, object]:
    """Ben wears no tag and is with another team."""
    return {"pk": plain_incident(world.ben).pk}


def claimed_by_the_first(world: World) -> dict[str, object]:
    incident = plain_incident(world.ada)
    actions.claim(incident=incident, by=world.users[DECIDE[0]])
    return {"pk": incident.pk}


def a_breach(person):
    def make(world: World) -> dict[str, object]:
        of = getattr(world, person)
        decision = Decision.objects.create(
            incident=plain_incident(of, state="waiting_for_second"), kind="breach", state="waiting",
            incident_revision=0, finding_ids=[f"F-{of.reference}-1"], by=world.sam,
        )  # fmt: skip
        return {"pk": decision.pk}

    return make


def more_incidents(world: World) -> None:
    for n in range(2, 12):
        plain_incident(world.ada, n)
        plain_incident(world.ada, n + 20, state="decided", superseded_since_decision=True)
        made = plain_incident(world.ada, n + 40, still_going=True)
        CallBack.objects.create(incident=made, due_us=n, by=world.sam)


def more_waiting(world: World) -> None:
    for n in range(2, 8):
        Decision.objects.create(
            incident=plain_incident(world.ada, n, state="waiting_for_second"), kind="breach", state="waiting",
            incident_revision=0, by=world.sam,
        )  # fmt: skip


def over_and_alike(world: World) -> dict[str, object]:
    """Two silences of Monday night that are over."""
    more_alike(world, 1)
    return {"kind": "no_contact", "night": MONDAY.isoformat()}


def more_alike(world: World, first: int = 10) -> None:
    for n in range(first, first + 6):
        began = at(MONDAY, "21:00") + n * 60_000_000
        plain_incident(world.ada, n, kind="no_contact", began_us=began)


def a_call_back(person: str):
    def make(world: World) -> dict[str, object]:
        of = getattr(world, person)
        made = CallBack.objects.create(incident=plain_incident(of), due_us=at(MONDAY, "02:30"), by=world.sam)
        return {"pk": made.pk}

    return make


def a_view_of(role: Role | None):
    def make(world: World) -> dict[str, object]:
        user = world.users[role] if role else world.sam
        return {"pk": SavedView.objects.create(user=user, name="Mine", query="whose=mine").pk}

    return make


def some(world: World) -> dict[str, object]:
    """A board with a row of each sort, so that adding more may not add queries."""
    plain_incident(world.ada)
    plain_incident(world.ada, 90, kind="no_contact", still_going=True)
    plain_incident(world.ada, 99, state="decided", superseded_since_decision=True)
    CallBack.objects.create(incident=plain_incident(world.ada, 91), due_us=1, by=world.sam)
    return {}


def one_waits(world: World) -> dict[str, object]:
    a_breach("ada")(world)
    return {}


def post(args, data=None, **more) -> View:
    return View(
        method="post", status=302, right=DECIDE, args=args, other_team=not_theirs,
        data=lambda world: dict(data or {}), **more,
    )  # fmt: skip


VIEWS = {
    "monitoring:board": View(right=BOARD, data=some, more=more_incidents),
    "monitoring:rows": View(right=BOARD, data=some, more=more_incidents),
    "monitoring:shift": View(right=BOARD, data=some, more=more_incidents),
    "monitoring:together": View(right=DECIDE, args=over_and_alike, more=more_alike),
    "monitoring:save-view": View(
        right=BOARD, method="post", status=302, data=lambda world: {"v-name": "Mine", "query": "whose=mine"}
    ),
    "monitoring:drop-view": View(
        right=BOARD[:1], method="post", status=302, args=a_view_of(BOARD[0]), other_team=a_view_of(None)
    ),
    "monitoring:stream": View(right=BOARD),
    "monitoring:incident": View(
        right=BOARD, args=adas, other_team=not_theirs, more=more_incidents,
        queries=Queries(36, "alert, findings, order, device, positions, other alerts and what was done, on one page"),
    ),
    "monitoring:claim": post(adas_plain),
    "monitoring:release": post(claimed_by_the_first),
    "monitoring:colleagues": View(
        right=DECIDE, args=adas, other_team=not_theirs, data=lambda world: {"q": "example"}
    ),
    "monitoring:hand-over": View(
        method="post", status=302, right=DECIDE, args=claimed_by_the_first, other_team=not_theirs,
        data=lambda world: {"h-to": world.users[DECIDE[-1]].pk},
    ),
    "monitoring:take-over": post(claimed_by_the_first),
    "monitoring:call-back": post(adas_plain, {"a-at": "02:30", "a-why": "No answer yet"}),
    "monitoring:drop-call-back": View(
        method="post", status=302, right=DECIDE, args=a_call_back("ada"), other_team=a_call_back("ben")
    ),
    "monitoring:acknowledge": post(adas_plain),
    "monitoring:contact": post(adas_plain, {"c-channel": "mobile", "c-outcome": "no_answer"}),
    "monitoring:note": post(adas_plain, {"n-text": "Called the hospital."}),
    "monitoring:decide": post(
        adas_plain,
        {
            "d-revision": "0", "d-shown_us": "0", "d-kind": "warning", "d-reason_warning": "no_excuse",
            "d-explanation": "No excuse was given.",
        },
    ),
    "monitoring:keep": post(adas_plain, {"k-revision": "0", "k-shown_us": "0"}),
    "monitoring:second": View(right=SECOND, data=one_waits, more=more_waiting),
    "monitoring:second-decision": View(
        right=SECOND, args=a_breach("ada"), other_team=a_breach("ben"), more=more_waiting
    ),
    "monitoring:rules": View(right=having(Permission.VIEW_RULES)),
}  # fmt: skip
